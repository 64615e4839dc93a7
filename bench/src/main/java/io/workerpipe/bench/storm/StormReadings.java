package io.workerpipe.bench.storm;

import io.workerpipe.bench.Reading;
import java.util.List;

/** What is told of a storm. */
final class StormReadings {
    private StormReadings() {}

    /**
     * @param rate       alerts a second, of all receivers together
     * @param processors that all workers together used
     */
    static List<Reading> of(double rate, double processors) {
        return List.of(new Reading("rate", "alerts/s", rate),
                new Reading("cpu", "CPU s per million alerts", processors * 1e6 / rate));
    }
}
