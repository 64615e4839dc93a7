package io.workerpipe.bench.performer;

import java.io.IOException;
import java.nio.file.Path;

/** What a process is there for. Commands come from one thread. */
interface Role extends AutoCloseable {
    default void schedule(Schedule schedule) {
        throw new UnsupportedOperationException("nothing is scheduled here");
    }

    default void go() {}

    /** What begins between two {@link System#nanoTime}s is measured. */
    default void record(long from, long until) {}

    Look look();

    /** @return alerts sent in all */
    default long stop() throws Exception {
        return 0;
    }

    /** @return {@link System#nanoTime} before it */
    default long once() throws Exception {
        throw new UnsupportedOperationException("nothing is sent from here");
    }

    /** {@link System#nanoTime} of the last alert. */
    default long arrival() {
        throw new UnsupportedOperationException("no arrival is noted here");
    }

    default void writeLatencies(Path file) throws IOException {
        throw new UnsupportedOperationException("no latencies are recorded here");
    }

    @Override
    void close() throws IOException;
}
