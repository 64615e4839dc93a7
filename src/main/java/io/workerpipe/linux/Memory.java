package io.workerpipe.linux;

import io.workerpipe.linux.gen.Linux;
import java.lang.foreign.MemorySegment;

/**
 * Anonymous memory straight from mmap(2). Any thread.
 *
 * <p>Not from an arena: that would write zeros to all of it and count it against MaxDirectMemorySize. Here a page costs
 * memory when it is touched, and only then. Segments are of the global scope: nobody may use one that was unmapped.
 */
public final class Memory {
    private Memory() {}

    /**
     * Reserves memory that reads as zeros.
     *
     * @throws OutOfMemoryError when the system refuses
     */
    public static MemorySegment map(long bytes) {
        long result = Calls.mmap(bytes, Linux.PROT_READ() | Linux.PROT_WRITE(),
                Linux.MAP_PRIVATE() | Linux.MAP_ANONYMOUS() | Linux.MAP_NORESERVE());
        if (result < 0 && result > -4096) {
            throw new OutOfMemoryError("mmap of " + bytes + " bytes: " + Errno.text((int) -result));
        }
        return MemorySegment.ofAddress(result).reinterpret(bytes);
    }

    /** Gives a whole mapping back; nobody may use it any more. */
    public static void unmap(MemorySegment mapping) {
        Calls.munmap(mapping, mapping.byteSize());
    }

    /** Gives the pages back, but not the addresses: they read as zeros, and cost memory again when touched. */
    public static void discard(MemorySegment mapping) {
        Calls.madvise(mapping, mapping.byteSize(), Linux.MADV_DONTNEED());
    }

    /** Asks for huge pages, where the system has them. */
    public static void preferHugePages(MemorySegment mapping) {
        Calls.madvise(mapping, mapping.byteSize(), Linux.MADV_HUGEPAGE());
    }

    /** Bytes of a page of memory. */
    public static long pageSize() {
        return Calls.sysconf(Linux._SC_PAGESIZE());
    }
}
