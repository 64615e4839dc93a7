package io.workerpipe.loop;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Memory that alerts are received into, as handlers may see it as long as one filling of it lasts. Used by the reader
 * thread only.
 *
 * <p>A confined arena of its own, closed before the memory is used again: a segment that a handler kept throws from then
 * on, and never shows another alert. Made only when a handler asks for bytes, so it costs nothing per alert.
 */
public final class Generation {
    private final MemorySegment memory;
    private Arena arena;
    private MemorySegment scoped;

    /** @param memory of one filling after the other, or of a single long alert */
    Generation(MemorySegment memory) {
        this.memory = memory;
    }

    /** The memory, for the library itself; before {@link #end} only. */
    public MemorySegment memory() {
        return memory;
    }

    /** The same memory, read-only, alive until {@link #end}. */
    public MemorySegment scoped() {
        MemorySegment open = scoped;
        return open == null ? open() : open;
    }

    private MemorySegment open() {
        arena = Arena.ofConfined();
        scoped = memory.reinterpret(arena, null).asReadOnly();
        return scoped;
    }

    boolean isAlive() {
        return arena != null;
    }

    void end() {
        if (arena != null) {
            arena.close();
            arena = null;
            scoped = null;
        }
    }
}
