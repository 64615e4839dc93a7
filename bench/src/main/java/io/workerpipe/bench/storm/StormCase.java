package io.workerpipe.bench.storm;

import java.util.List;
import java.util.stream.IntStream;

/**
 * One of the four cases.
 *
 * @param name     of the case
 * @param workers  processes
 * @param bytes    data of each alert; its name is {@value #ALERT}
 * @param inFlight alerts that each worker puts in at the start
 */
record StormCase(String name, int workers, int bytes, int inFlight) {
    static final String ALERT = "hello";

    static List<StormCase> all() {
        return List.of(storm(5, 10, 1000), storm(20, 10, 1000), storm(5, 10_240, 20), storm(20, 10_240, 20));
    }

    private static StormCase storm(int workers, int bytes, int inFlight) {
        return new StormCase("storm-" + workers + "-" + bytes, workers, bytes, inFlight);
    }

    /** The same with more and more workers. */
    static List<StormCase> scale() {
        return IntStream.of(2, 5, 10, 20, 40).mapToObj(workers -> new StormCase("scale-" + workers, workers, 10, 1000))
                .toList();
    }
}
