package io.workerpipe.loop;

import io.workerpipe.linux.Memory;
import io.workerpipe.wire.PartMemory;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * Memory for alerts in several packets. Used by the reader thread only.
 *
 * <p>Small ones get a place in one region that is there for good, and what was given back last is taken first: it is still
 * in the processor's cache. Larger ones are reserved at their full length and made real by the data that arrives, in huge
 * pages where there are any, but for the beginning: what a peer announces and never sends costs address space, not
 * memory. One of these is kept for the next alert: page faults cost more than the copy. It goes when none came for some
 * seconds.
 *
 * <p>Handlers see the region through one {@link Generation}. While that lives, a place that is given back is not used
 * again.
 */
final class PartPool implements PartMemory, AutoCloseable {
    private static final long SMALLEST = 16 << 10;
    private static final long LARGEST = 1 << 20;
    /** Places of 16 KiB, 32 KiB, ... 1 MiB: as many as one read can complete alerts, but for very many small ones. */
    private static final int[] PLACES = {64, 16, 8, 4, 4, 2, 2};
    /** A mapping of at most this length is kept. */
    private static final long LONGEST_KEPT = 64 << 20;
    private static final long HUGE_PAGE = 2 << 20;

    private final MemorySegment region;
    private final Generation generation;
    /** Not in the region; null for none. */
    private MemorySegment kept;
    /** Since the last look, {@link #kept} was put there. */
    private boolean used;
    /** Whether there is one; any thread may guess. */
    private volatile boolean keeps;
    private final Places[] free = new Places[PLACES.length];
    /** Given back while the generation lived. */
    private final Places resting = new Places(Arrays.stream(PLACES).sum());

    /**
     * A stack. Not an array of an interface: the compiler (C2 of JDK 25) takes that for one of Object, and throws away the
     * code of all that a store into it was compiled with, four times.
     */
    private static final class Places {
        private final Object[] places;
        private int count;

        Places(int most) {
            places = new Object[most];
        }

        void push(MemorySegment place) {
            places[count++] = place;
        }

        MemorySegment pop() {
            return count == 0 ? null : (MemorySegment) places[--count];
        }
    }

    PartPool() {
        long bytes = 0;
        for (int size = 0; size < PLACES.length; size++) {
            bytes += PLACES[size] * (SMALLEST << size);
        }
        region = Memory.map(bytes);
        generation = new Generation(region);
        long at = 0;
        for (int size = 0; size < PLACES.length; size++) {
            free[size] = new Places(PLACES[size]);
            for (int i = 0; i < PLACES[size]; i++) {
                free[size].push(region.asSlice(at, SMALLEST << size));
                at += SMALLEST << size;
            }
        }
    }

    @Override
    public MemorySegment reserve(long bytes) {
        MemorySegment place = bytes <= LARGEST ? free[sizeClass(bytes)].pop() : null;
        return place != null ? place : large(bytes);
    }

    private MemorySegment large(long bytes) {
        MemorySegment last = kept;
        if (last != null && last.byteSize() >= bytes && last.byteSize() / 4 <= bytes) {
            kept = null;
            keeps = false;
            return last;
        }
        return bytes < HUGE_PAGE ? Memory.map(bytes) : huge(bytes);
    }

    /**
     * The first byte makes a page of 4 KiB real and not one of 2 MiB, of which a thousand alerts that were only begun would
     * take gigabytes: a huge page must be in the mapping as a whole, and this one begins behind the beginning of one.
     */
    private static MemorySegment huge(long bytes) {
        MemorySegment room = Memory.map(bytes + HUGE_PAGE);
        long begin = Math.floorMod(Memory.pageSize() - room.address(), HUGE_PAGE);
        long end = begin + (bytes + Memory.pageSize() - 1 & -Memory.pageSize());
        if (begin != 0) {
            Memory.unmap(room.asSlice(0, begin));
        }
        if (end != room.byteSize()) {
            Memory.unmap(room.asSlice(end));
        }
        MemorySegment mapping = room.asSlice(begin, end - begin);
        Memory.hugePages(mapping);
        return mapping;
    }

    @Override
    public void release(MemorySegment memory) {
        if (!isPlace(memory)) {
            giveBack(memory);
        } else if (generation.isAlive()) {
            resting.push(memory);
        } else {
            free[sizeClass(memory.byteSize())].push(memory);
        }
    }

    private void giveBack(MemorySegment mapping) {
        if (mapping.byteSize() > LONGEST_KEPT) {
            Memory.unmap(mapping);
            return;
        }
        if (kept != null) {
            Memory.unmap(kept);
        }
        kept = mapping;
        used = true;
        keeps = true;
    }

    /** Whether there is something to {@link #giveBackUnused}; any thread may guess. */
    boolean keeps() {
        return keeps;
    }

    /** Gives back to the system what was not used since the call before. */
    void giveBackUnused() {
        if (kept != null && !used) {
            Memory.unmap(kept);
            kept = null;
            keeps = false;
        }
        used = false;
    }

    /** Whether this lies in the region. */
    boolean isPlace(MemorySegment memory) {
        long at = offset(memory);
        return at >= 0 && at < region.byteSize();
    }

    /** Where in the region a place begins. */
    long offset(MemorySegment place) {
        return place.address() - region.address();
    }

    /** What handlers see of the region. */
    Generation generation() {
        return generation;
    }

    /** No handler sees what it was shown so far any more, and the memory is used again. */
    void endGeneration() {
        generation.end();
        for (MemorySegment place = resting.pop(); place != null; place = resting.pop()) {
            free[sizeClass(place.byteSize())].push(place);
        }
    }

    private static int sizeClass(long bytes) {
        return bytes <= SMALLEST ? 0 : 64 - Long.numberOfLeadingZeros((bytes - 1) / SMALLEST);
    }

    @Override
    public void close() {
        generation.end();
        Memory.unmap(region);
        if (kept != null) {
            Memory.unmap(kept);
        }
    }
}
