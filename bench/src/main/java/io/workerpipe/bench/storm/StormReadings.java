package io.workerpipe.bench.storm;

import io.workerpipe.bench.Reading;
import java.util.List;

/** What is told of a storm. */
final class StormReadings {
    private StormReadings() {}

    /**
     * @param rate       alerts a second, of all receivers together
     * @param received   alerts in the measured window
     * @param cpuSeconds CPU time of all workers in it
     */
    static List<Reading> of(double rate, long received, double cpuSeconds) {
        return List.of(new Reading("rate", "alerts/s", rate),
                new Reading("cpu", "CPU s per million alerts", cpuSeconds * 1e6 / received));
    }
}
