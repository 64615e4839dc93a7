package io.workerpipe.bench.trip;

import io.workerpipe.bench.Entrant;
import io.workerpipe.bench.FlawedRunException;
import io.workerpipe.bench.Plan;
import io.workerpipe.bench.Reading;
import io.workerpipe.bench.carrier.Scene;
import io.workerpipe.bench.flow.Flow;
import io.workerpipe.bench.flow.FlowRun;
import java.util.List;

/**
 * Alerts leave by a schedule, and the latency of each is counted from the moment at which it should have left.
 *
 * @param pair  the same system as fast as it can
 * @param share of its best rate
 */
record FixedRate(Flow pair, Scene scene, double share) implements Entrant {
    @Override
    public String system() {
        return pair.system();
    }

    @Override
    public List<Reading> play(Plan plan) throws FlawedRunException, InterruptedException {
        double rate = share * pair.bestRate(plan);
        return FlowRun.of(pair.carrier(), scene, pair.variant(plan), plan, rate);
    }
}
