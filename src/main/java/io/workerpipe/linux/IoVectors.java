package io.workerpipe.linux;

import io.workerpipe.linux.gen.iovec;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;

/**
 * An array of struct iovec. Used by one thread at a time.
 *
 * <p>It holds addresses, not segments: who fills it keeps the memory alive until the call has returned.
 */
public final class IoVectors {
    final MemorySegment segment;

    private IoVectors(MemorySegment segment) {
        this.segment = segment;
    }

    /** @param count at most 1,024 are taken by one call, see IOV_MAX */
    public static IoVectors allocate(SegmentAllocator allocator, int count) {
        return new IoVectors(iovec.allocateArray(count, allocator));
    }

    /** Sets one vector to native memory. */
    public void set(int index, MemorySegment memory, long offset, long length) {
        MemorySegment vector = iovec.asSlice(segment, index);
        iovec.iov_base(vector, memory.asSlice(offset, length));
        iovec.iov_len(vector, length);
    }
}
