package io.workerpipe.loop;

import io.workerpipe.linux.Memory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.BooleanSupplier;

/**
 * The memory that all outboxes of a group share, in chunks of 64 KiB; any thread takes and gives, without locks.
 *
 * <p>One reservation of the whole limit, made real by touching it. What was given back last is taken first: it is still
 * in the processor's cache. What is not needed for some seconds goes back to the system.
 */
final class PagePool implements Spare, AutoCloseable {
    private static final int NONE = -1;
    /** So many chunks stay real: 4 MiB. */
    static final int LEAST_KEPT = 64;
    /** Chunks to give back to the system at a time: 1 MiB. */
    private static final int SLICE = 16;

    private final MemorySegment memory;
    private final AtomicReferenceArray<Chunk> chunks;
    /** next[i] is the chunk below chunk i on the stack that it is on. */
    private final int[] next;
    /** Free chunks whose memory is there. */
    private final Stack warm = new Stack();
    /** Free chunks whose memory has been given back to the system. */
    private final Stack cold = new Stack();
    private final AtomicInteger untouched = new AtomicInteger();
    private final AtomicInteger taken = new AtomicInteger();
    private final AtomicInteger coldCount = new AtomicInteger();
    /** Most that were taken since the last look; a guess is good enough. */
    private int peak;
    /** Chunks that are still to be given back to the system; the writer thread's. */
    private int excess;
    private final Gate given = new Gate();

    /** @param limit bytes; rounded up to whole chunks */
    PagePool(long limit) {
        int count = Math.toIntExact((limit + Chunk.BYTES - 1) / Chunk.BYTES);
        // Unmapped when nothing refers to it any more: a sender that is late must not write to somebody else's memory.
        MemorySegment mapping = Memory.map((long) count * Chunk.BYTES);
        // A page fault can cost more than all else that is done with a page.
        Memory.hugePages(mapping);
        memory = mapping.reinterpret(Arena.ofAuto(), Memory::unmap);
        chunks = new AtomicReferenceArray<>(count);
        next = new int[count];
    }

    /** A chunk with nothing published in it, or null when the limit is reached. */
    Chunk take() {
        Chunk chunk = warm.pop();
        if (chunk == null) {
            chunk = takeCold();
        }
        if (chunk == null) {
            chunk = touchNew();
        }
        if (chunk != null) {
            int now = taken.incrementAndGet();
            if (now > peak) {
                peak = now;
            }
        }
        return chunk;
    }

    private Chunk takeCold() {
        Chunk chunk = cold.pop();
        if (chunk != null) {
            coldCount.decrementAndGet();
        }
        return chunk;
    }

    private Chunk touchNew() {
        for (;;) {
            int index = untouched.get();
            if (index == chunks.length()) {
                return null;
            }
            if (untouched.compareAndSet(index, index + 1)) {
                Chunk chunk = new Chunk(index, memory.asSlice((long) index * Chunk.BYTES, Chunk.BYTES));
                chunks.set(index, chunk);
                return chunk;
            }
        }
    }

    void give(Chunk chunk) {
        chunk.reset();
        warm.push(chunk);
        taken.decrementAndGet();
        given.changed();
    }

    /** The chunk of a place word of an outbox: indexes count from 1. */
    Chunk chunk(int index) {
        return chunks.get(index - 1);
    }

    /** Chunks that could be taken now. */
    int available() {
        return chunks.length() - taken.get();
    }

    /** Whether more than half of it could be taken now. */
    boolean isRoomy() {
        return available() > chunks.length() / 2;
    }

    /** Chunks in use. */
    int taken() {
        return taken.get();
    }

    /** Bytes that all outboxes together may hold. */
    long limit() {
        return (long) chunks.length() * Chunk.BYTES;
    }

    /** Waits for a state that comes when chunks are given back, or by {@link #changed}; false when the time is over. */
    boolean await(BooleanSupplier condition, long nanos) throws InterruptedException {
        return given.await(condition, nanos);
    }

    /** Something that {@link #await} may wait for has changed. */
    void changed() {
        given.changed();
    }

    @Override
    public boolean giveBack() {
        if (excess == 0) {
            int needed = Math.max(LEAST_KEPT, peak);
            peak = taken.get();
            excess = Math.max(0, real() - needed);
        }
        for (int left = SLICE; left > 0 && excess > 0; left--) {
            Chunk chunk = warm.pop();
            if (chunk == null) {
                excess = 0;
            } else if (Memory.discard(chunk.memory, 0, Chunk.BYTES)) {
                coldCount.incrementAndGet();
                cold.push(chunk);
                excess--;
            } else {
                // Locked in memory (mlockall).
                warm.push(chunk);
                excess = 0;
            }
        }
        return excess > 0;
    }

    /** Chunks whose memory is there, whether they are taken or not. */
    int real() {
        return untouched.get() - coldCount.get();
    }

    /** Gives the memory back to the system; the addresses go when nobody holds a chunk any more. */
    @Override
    public void close() {
        Memory.discard(memory, 0, memory.byteSize());
    }

    /** Of chunks, without locks. */
    private final class Stack {
        /** The top in the low half; the high half counts pops, so that a late CAS fails (ABA). */
        private final AtomicLong top = new AtomicLong(NONE & 0xFFFF_FFFFL);

        void push(Chunk chunk) {
            for (;;) {
                long seen = top.get();
                next[chunk.index] = (int) seen;
                if (top.compareAndSet(seen, seen & 0xFFFF_FFFF_0000_0000L | chunk.index)) {
                    return;
                }
            }
        }

        Chunk pop() {
            for (;;) {
                long seen = top.get();
                int index = (int) seen;
                if (index == NONE) {
                    return null;
                }
                long below = ((seen >>> 32) + 1) << 32 | next[index] & 0xFFFF_FFFFL;
                if (top.compareAndSet(seen, below)) {
                    return chunks.get(index);
                }
            }
        }
    }
}
