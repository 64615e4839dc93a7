package io.workerpipe.bench.flow;

import io.workerpipe.bench.Entrant;
import io.workerpipe.bench.FlawedRunException;
import io.workerpipe.bench.Plan;
import io.workerpipe.bench.Reading;
import io.workerpipe.bench.carrier.Carrier;
import io.workerpipe.bench.carrier.Grid;
import io.workerpipe.bench.carrier.Scene;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * One system in one case. Where it can be used in several ways, the best is looked for before the first run. For one
 * thread.
 */
public final class Flow implements Entrant {
    private final Carrier carrier;
    private final Scene scene;
    private final List<String> notes = new ArrayList<>();
    private String variant;
    private double bestRate;

    Flow(Carrier carrier, Scene scene) {
        this.carrier = carrier;
        this.scene = scene;
    }

    @Override
    public String system() {
        return carrier.system();
    }

    /** What is played, but how fast. */
    public Carrier carrier() {
        return carrier;
    }

    @Override
    public List<String> notes() {
        return notes;
    }

    @Override
    public List<Reading> play(Plan plan) throws FlawedRunException, InterruptedException {
        List<Reading> readings = FlowRun.of(carrier, scene, variant(plan), plan);
        bestRate = Math.max(bestRate, readings.getFirst().value());
        return readings;
    }

    /** The best of all runs so far, in alerts a second; where there was none, of one that is played now. */
    public double bestRate(Plan plan) throws FlawedRunException, InterruptedException {
        if (bestRate == 0) {
            play(plan);
        }
        return bestRate;
    }

    /** The way to use the system; empty where there is only one. */
    public String variant(Plan plan) throws FlawedRunException, InterruptedException {
        if (variant == null) {
            Optional<Grid> grid = carrier.grid(scene, plan.wholeGrid());
            variant = grid.isPresent() ? choose(grid.get(), plan) : "";
        }
        return variant;
    }

    private String choose(Grid grid, Plan plan) throws FlawedRunException, InterruptedException {
        for (String next = grid.next(); next != null; next = grid.next()) {
            grid.tried(FlowRun.of(carrier, scene, next, plan.briefly()).getFirst().value());
            if (plan.isSmoke()) {
                // It shall only be seen that it works.
                break;
            }
        }
        notes.add(grid.protocol());
        return grid.best();
    }
}
