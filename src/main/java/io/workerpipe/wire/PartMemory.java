package io.workerpipe.wire;

import java.lang.foreign.MemorySegment;

/** Where alerts of several packets are put together. */
public interface PartMemory {
    /**
     * Memory for a whole alert, which should cost no more than what is written to it.
     *
     * @return at least {@code bytes}
     * @throws OutOfMemoryError if there is none
     */
    MemorySegment reserve(long bytes);

    /** Takes it back. */
    void release(MemorySegment memory);
}
