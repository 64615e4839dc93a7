package io.workerpipe.supervise;

import java.io.IOException;

/** Gets what workers print, and what becomes of them. Called by several threads; one that throws ends it all. */
public interface Observer {
    /**
     * A worker has printed something: by one thread for each of its two streams, in order.
     *
     * @param line what it printed
     * @throws IOException if it cannot be passed on: all workers are stopped
     */
    void line(Line line) throws IOException;

    /**
     * Something happened to a worker: by a thread of its own, in order.
     *
     * @param text one line, or several
     * @throws IOException if it cannot be shown: all workers are stopped
     */
    void event(String text) throws IOException;
}
