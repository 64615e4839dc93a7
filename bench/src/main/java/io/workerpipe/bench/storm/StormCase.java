package io.workerpipe.bench.storm;

import java.util.List;

/**
 * One of the four cases.
 *
 * @param workers  processes
 * @param bytes    data of each alert; its name is {@value #ALERT}
 * @param inFlight alerts that each worker puts in at the start
 */
record StormCase(int workers, int bytes, int inFlight) {
    static final String ALERT = "hello";

    static List<StormCase> all() {
        return List.of(new StormCase(5, 10, 1000), new StormCase(20, 10, 1000), new StormCase(5, 10_240, 20),
                new StormCase(20, 10_240, 20));
    }

    String name() {
        return "storm-" + workers + "-" + bytes;
    }
}
