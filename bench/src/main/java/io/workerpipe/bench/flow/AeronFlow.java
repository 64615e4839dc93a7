package io.workerpipe.bench.flow;

import io.workerpipe.bench.Entrant;
import io.workerpipe.bench.FlawedRunException;
import io.workerpipe.bench.Plan;
import io.workerpipe.bench.Reading;
import io.workerpipe.bench.carrier.Carrier;
import io.workerpipe.bench.carrier.Scene;
import io.workerpipe.bench.transport.AeronVariant;
import java.util.ArrayList;
import java.util.List;

/** Aeron in one case: the best of its ways, which is looked for before the first run. For one thread. */
final class AeronFlow implements Entrant {
    private final Carrier carrier;
    private final Scene scene;
    private final List<String> notes = new ArrayList<>();
    private AeronVariant best;

    AeronFlow(Carrier carrier, Scene scene) {
        this.carrier = carrier;
        this.scene = scene;
    }

    @Override
    public String system() {
        return carrier.system();
    }

    @Override
    public List<String> notes() {
        return notes;
    }

    @Override
    public List<Reading> play(Plan plan) throws FlawedRunException, InterruptedException {
        if (best == null) {
            AeronGrid grid = new AeronGrid(scene, plan.wholeGrid());
            for (AeronVariant next = grid.next(); next != null; next = grid.next()) {
                grid.tried(play(next, plan.briefly()).getFirst().value());
            }
            best = grid.best();
            notes.add(grid.protocol());
        }
        return play(best, plan);
    }

    private List<Reading> play(AeronVariant variant, Plan plan) throws FlawedRunException, InterruptedException {
        return FlowRun.of(carrier, scene, variant.text(), plan);
    }
}
