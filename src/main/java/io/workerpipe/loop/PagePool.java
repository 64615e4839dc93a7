package io.workerpipe.loop;

import io.workerpipe.linux.Memory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.BooleanSupplier;

/**
 * The memory that all outboxes of a group share, in chunks of 64 KiB; any thread takes and gives, without locks.
 *
 * <p>One reservation of the whole limit, made real by touching it, with a bit for each chunk that is free. The one that
 * lies first is taken first, but for {@link #takeRested}: as a rule it was used a moment ago, and is still in the
 * processor's cache; and groups of which nothing was taken for a while can go back to the system, in whole huge pages. A
 * huge page of which a part is real would be filled up by the kernel again (khugepaged).
 */
class PagePool implements Spare, AutoCloseable {
    /** Chunks whose bits are in one word, and whose memory comes and goes together: 4 MiB. The first group stays real. */
    static final int GROUP = Long.SIZE;
    /** Chunks that take turns where they have to rest: 16 MiB beside those in use. With 4 MiB half of the runs were half as fast. */
    static final int TURNS = 4 * GROUP;
    private static final long HUGE_PAGE = 2 << 20;

    private final MemorySegment memory;
    private final AtomicReferenceArray<Chunk> chunks;
    /** A bit for each free chunk, in words of a group each. */
    private final AtomicLongArray free;
    /** Whether a group's memory may be there. Written by who has taken a chunk of it, or all. */
    private final boolean[] real;
    /** Whether something of a group was taken since the last look at it, or was in use then; a guess is good enough. */
    private final boolean[] used;
    /** No group before it has a free chunk; a guess. */
    private int first;
    /** Of those that take turns, the next one: it has been free for longest; a guess. */
    private int turn;
    private final AtomicInteger taken = new AtomicInteger();
    private final Gate given = new Gate();
    private final AtomicInteger streams = new AtomicInteger();

    // Below: the writer thread's.
    /** Groups that this look has still to look at, from the last one on. */
    private int unseen;

    /** @param limit bytes; rounded up to whole chunks */
    PagePool(long limit) {
        int count = Math.toIntExact((limit + Chunk.BYTES - 1) / Chunk.BYTES);
        long bytes = (long) count * Chunk.BYTES;
        MemorySegment mapping = Memory.map(bytes + HUGE_PAGE);
        // A page fault can cost more than all else that is done with a page.
        Memory.hugePages(mapping);
        // Unmapped when nothing refers to it any more: a sender that is late must not write to somebody else's memory.
        memory = mapping.reinterpret(Arena.ofAuto(), Memory::unmap)
                .asSlice(Math.floorMod(-mapping.address(), HUGE_PAGE), bytes);
        chunks = new AtomicReferenceArray<>(count);
        free = new AtomicLongArray((count + GROUP - 1) / GROUP);
        for (int group = 0; group < free.length(); group++) {
            free.set(group, all(group));
        }
        real = new boolean[free.length()];
        used = new boolean[free.length()];
    }

    /** A number that no other stream of this pool's chunks has; from 1. */
    int newStream() {
        return streams.incrementAndGet();
    }

    /** A chunk with nothing published in it, or null when the limit is reached. */
    Chunk take() {
        Chunk chunk = takeFrom(first, free.length(), 0);
        if (chunk == null) {
            // The guess was wrong; or one was given back behind our back.
            chunk = takeFrom(0, free.length(), 0);
        }
        if (chunk != null) {
            first = chunk.index / GROUP;
            taken.incrementAndGet();
        }
        return chunk;
    }

    /**
     * The same, but not the one that was just given back: the next one in turn. For pages that a pipe takes by reference:
     * they come back when the receiver has read them, and then lie in its processor's cache, from where each line would
     * have to be fetched that is written to.
     */
    Chunk takeRested() {
        int next = turn;
        // As many more as are taken, which cannot take turns: a receiver that stands still may hold all that lies first.
        int groups = Math.min((TURNS + taken.get()) / GROUP, free.length());
        Chunk chunk = takeFrom(next / GROUP, groups, next % GROUP);
        if (chunk == null) {
            chunk = takeFrom(0, groups, 0);
        }
        if (chunk == null) {
            return take();
        }
        turn = chunk.index + 1;
        taken.incrementAndGet();
        return chunk;
    }

    /**
     * The first free one of some groups, or null.
     *
     * @param from of the first group, what is before it is left out
     */
    private Chunk takeFrom(int start, int end, int from) {
        long wanted = -1L << from;
        for (int group = start; group < end; group++) {
            for (long seen = free.get(group); (seen & wanted) != 0; seen = free.get(group)) {
                long bit = Long.lowestOneBit(seen & wanted);
                if (free.compareAndSet(group, seen, seen & ~bit)) {
                    real[group] = true;
                    used[group] = true;
                    return made(group * GROUP + Long.numberOfTrailingZeros(bit));
                }
            }
            wanted = -1;
        }
        return null;
    }

    private Chunk made(int index) {
        Chunk chunk = chunks.get(index);
        if (chunk == null) {
            chunk = new Chunk(index, memory.asSlice((long) index * Chunk.BYTES, Chunk.BYTES));
            chunks.set(index, chunk);
        }
        return chunk;
    }

    void give(Chunk chunk) {
        chunk.reset();
        int group = chunk.index / GROUP;
        free.getAndAdd(group, 1L << chunk.index % GROUP);
        if (group < first) {
            first = group;
        }
        taken.decrementAndGet();
        given.changed();
    }

    /** The bits of a group of which nothing is taken. */
    private long all(int group) {
        int count = Math.min(GROUP, chunks.length() - group * GROUP);
        return -1L >>> GROUP - count;
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

    /** A group at a time. While its memory goes nobody can take of it: so only where there is enough else. */
    @Override
    public boolean giveBack() {
        if (unseen == 0) {
            unseen = free.length();
        }
        boolean gave = false;
        while (unseen > 1 && isRoomy() && !gave) {
            int group = --unseen;
            boolean inUse = free.get(group) != all(group);
            if (used[group] || inUse) {
                used[group] = inUse;
            } else if (real[group] && free.compareAndSet(group, all(group), 0)) {
                real[group] = !discard(group);
                free.set(group, all(group));
                gave = !real[group];
                if (!gave) {
                    // Locked in memory (mlockall).
                    break;
                }
            }
        }
        if (!gave) {
            unseen = 0;
        }
        return gave;
    }

    private boolean discard(int group) {
        return Memory.discard(memory, (long) group * GROUP * Chunk.BYTES, (long) Long.bitCount(all(group))
                * Chunk.BYTES);
    }

    /** Chunks whose memory may be there, whether they are taken or not. */
    int real() {
        int count = 0;
        for (int group = 0; group < real.length; group++) {
            count += real[group] ? Long.bitCount(all(group)) : 0;
        }
        return count;
    }

    /** Gives the memory back to the system; the addresses go when nobody holds a chunk any more. */
    @Override
    public void close() {
        Memory.discard(memory, 0, memory.byteSize());
    }
}
