package io.workerpipe.linux;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.workerpipe.linux.gen.iovec;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.util.Objects;

/**
 * Used by one thread at a time, as the memory that it writes to. Arrays of {@code struct iovec}: the places that
 * {@link Fd#writev} and its like take.
 *
 * <p>An entry is an address. It keeps nothing alive: whoever writes it keeps the memory until the call is over.
 */
public final class IoVec {
    /** Bytes of an entry. */
    public static final long SIZE = iovec.layout().byteSize();
    /** The kernel takes no more entries in a call (IOV_MAX). */
    public static final int MAX_COUNT = 1024;

    private static final long BASE_AT = iovec.iov_base$offset();
    private static final long LENGTH_AT = iovec.iov_len$offset();

    private IoVec() {}

    /**
     * Makes room for entries.
     *
     * @param allocator where the memory comes from
     * @param count     how many, at most {@link #MAX_COUNT}
     * @return the array, all zero
     */
    public static MemorySegment allocate(SegmentAllocator allocator, int count) {
        return allocator.allocate(MemoryLayout.sequenceLayout(count, iovec.layout()));
    }

    /**
     * Writes an entry.
     *
     * @param iovecs the array
     * @param index  the entry's place in it
     * @param memory what it names, native
     * @param offset from which byte of it on
     * @param length how many bytes
     */
    public static void set(MemorySegment iovecs, int index, MemorySegment memory, long offset, long length) {
        if (!memory.isNative()) {
            throw new IllegalArgumentException("an iovec needs native memory, this is a heap segment of "
                    + memory.byteSize() + " bytes");
        }
        Objects.checkFromIndexSize(offset, length, memory.byteSize());
        long at = index * SIZE;
        iovecs.set(JAVA_LONG, at + BASE_AT, memory.address() + offset);
        iovecs.set(JAVA_LONG, at + LENGTH_AT, length);
    }

    /** The kernel would read past the array. */
    static void check(MemorySegment iovecs, int count) {
        if (count < 0 || count > MAX_COUNT || count * SIZE > iovecs.byteSize()) {
            throw new IndexOutOfBoundsException(count + " iovecs in memory of " + iovecs.byteSize() + " bytes, at most "
                    + MAX_COUNT + " in a call");
        }
    }
}
