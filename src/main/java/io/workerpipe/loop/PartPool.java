package io.workerpipe.loop;

import io.workerpipe.linux.Memory;
import io.workerpipe.wire.PartMemory;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;

/**
 * Memory for alerts in several packets. Used by the reader thread only.
 *
 * <p>Each is reserved at its full length and made real by the data that arrives. Small ones are kept for the next alert;
 * what a peer announces and never sends costs address space, not memory.
 */
final class PartPool implements PartMemory, AutoCloseable {
    private static final long SMALLEST = 16 << 10;
    private static final long LARGEST_KEPT = 1 << 20;
    private static final int KEPT_EACH = 8;

    /** Free ones by size: 16 KiB, 32 KiB, ... 1 MiB. */
    @SuppressWarnings({"unchecked", "rawtypes"})
    private final ArrayDeque<MemorySegment>[] free = new ArrayDeque[Long.numberOfTrailingZeros(LARGEST_KEPT / SMALLEST)
            + 1];

    PartPool() {
        for (int i = 0; i < free.length; i++) {
            free[i] = new ArrayDeque<>(KEPT_EACH);
        }
    }

    @Override
    public MemorySegment reserve(long bytes) {
        if (bytes > LARGEST_KEPT) {
            return Memory.map(bytes);
        }
        int size = sizeClass(bytes);
        MemorySegment kept = free[size].pollLast();
        return kept != null ? kept : Memory.map(SMALLEST << size);
    }

    @Override
    public void release(MemorySegment memory) {
        if (memory.byteSize() <= LARGEST_KEPT) {
            ArrayDeque<MemorySegment> same = free[sizeClass(memory.byteSize())];
            if (same.size() < KEPT_EACH) {
                same.addLast(memory);
                return;
            }
        }
        Memory.unmap(memory);
    }

    private static int sizeClass(long bytes) {
        return bytes <= SMALLEST ? 0 : 64 - Long.numberOfLeadingZeros((bytes - 1) / SMALLEST);
    }

    @Override
    public void close() {
        for (ArrayDeque<MemorySegment> same : free) {
            same.forEach(Memory::unmap);
            same.clear();
        }
    }
}
