package io.workerpipe.loop;

import io.workerpipe.wire.Packet;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * Sixteen pages of an outbox, and for each the count of what has been published in it.
 *
 * <p>Any number of threads write to places of their own and publish; whoever holds the right to flush reads.
 */
final class Chunk {
    static final int BITS = 16;
    static final int BYTES = 1 << BITS;
    static final int PAGES = BYTES / Packet.PAGE;

    private static final VarHandle PUBLISHED = MethodHandles.arrayElementVarHandle(long[].class);

    final int index;
    final MemorySegment memory;
    /** For each page: alerts that end in it (high 32 bits), bytes complete in it (low 32 bits). */
    private final long[] published = new long[PAGES];

    Chunk(int index, MemorySegment memory) {
        this.index = index;
        this.memory = memory;
    }

    void publish(int page, int bytes, int alerts) {
        PUBLISHED.getAndAdd(published, page, (long) alerts << 32 | bytes);
    }

    /** What is published in a page: split it by {@link #bytes} and {@link #alerts}. */
    long published(int page) {
        return (long) PUBLISHED.getAcquire(published, page);
    }

    static int bytes(long published) {
        return (int) published;
    }

    static int alerts(long published) {
        return (int) (published >>> 32);
    }

    /** Before it goes back to the pool; nobody writes to it any more. */
    void reset() {
        java.util.Arrays.fill(published, 0);
    }
}
