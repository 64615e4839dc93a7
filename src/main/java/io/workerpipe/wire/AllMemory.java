package io.workerpipe.wire;

import java.lang.foreign.MemorySegment;

/**
 * All of this process's memory as one segment: an address is an offset. Compiled, a store is one instruction; with a
 * segment for each range there are the checks of its bounds, its scope and its thread as well, and ways out of each.
 *
 * <p>Nothing checks what is written through it. Positions are this process's own, never anybody's word; whoever encodes
 * has claimed the range, and holds its memory until that is published. What others have sent is read with all checks.
 */
final class AllMemory {
    static final MemorySegment SEGMENT = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);

    private AllMemory() {}
}
