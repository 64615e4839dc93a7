package io.workerpipe.loop;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * One filling of a receive buffer, as handlers may see it. Used by the reader thread only.
 *
 * <p>A confined arena of its own, closed before the memory is used again: a segment that a handler kept throws from then
 * on, and never shows another alert. Made only when a handler asks for bytes, so it costs nothing per alert.
 */
final class Generation {
    private Arena arena;
    private MemorySegment scoped;

    /** The same memory, alive until {@link #end}. One buffer per generation. */
    MemorySegment scoped(MemorySegment buffer) {
        if (arena == null) {
            arena = Arena.ofConfined();
            scoped = buffer.reinterpret(arena, null).asReadOnly();
        }
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
