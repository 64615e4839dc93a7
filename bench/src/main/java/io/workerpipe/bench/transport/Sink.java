package io.workerpipe.bench.transport;

import java.lang.foreign.MemorySegment;

/** Gets the data of each alert, on the transport's one receiving thread. */
@FunctionalInterface
public interface Sink {
    /** @param memory valid until this returns */
    void alert(MemorySegment memory, long offset, long length);
}
