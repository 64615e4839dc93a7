package io.workerpipe.bench.flow;

import io.workerpipe.bench.Entrant;
import io.workerpipe.bench.FlawedRunException;
import io.workerpipe.bench.Plan;
import io.workerpipe.bench.Reading;
import io.workerpipe.bench.carrier.Carrier;
import io.workerpipe.bench.carrier.Scene;
import java.util.List;

/** One system in one case. */
record Flow(Carrier carrier, Scene scene) implements Entrant {
    @Override
    public String system() {
        return carrier.system();
    }

    @Override
    public List<Reading> play(Plan plan) throws FlawedRunException, InterruptedException {
        return FlowRun.of(carrier, scene, "", plan);
    }
}
