package io.workerpipe.linux;

import io.workerpipe.linux.gen.LibC;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Safe for any thread. Large memory straight from the kernel: nothing is zeroed or taken before it is touched, and it
 * does not count against MaxDirectMemorySize.
 *
 * <p>A mapping belongs to whoever asked for it: no arena guards it, and one that was unmapped must not be touched.
 */
public final class Memory {
    private static final class Page {
        static final long SIZE = askForPageSize();
    }

    private Memory() {}

    /**
     * Reserves memory.
     *
     * @param bytes how many, rounded up to whole pages
     * @return that much, all zero, beginning at a page, of the global scope
     * @throws OutOfMemoryError if the kernel has none, by RLIMIT_AS, overcommit_memory or max_map_count; its cause is the
     *                          {@link ErrnoException}
     */
    public static MemorySegment map(long bytes) {
        if (bytes <= 0 || bytes > Long.MAX_VALUE - pageSize()) {
            throw new IllegalArgumentException("cannot map " + bytes + " bytes");
        }
        long length = (bytes + pageSize() - 1) & -pageSize();
        try (Arena arena = Arena.ofConfined()) {
            long result = Syscalls.mmap(CallState.allocate(arena), MemorySegment.NULL, length,
                    LibC.PROT_READ() | LibC.PROT_WRITE(),
                    LibC.MAP_PRIVATE() | LibC.MAP_ANONYMOUS() | LibC.MAP_NORESERVE(), -1, 0);
            if (result < 0) {
                ErrnoException cause = new ErrnoException("mmap", length, (int) -result);
                OutOfMemoryError error = new OutOfMemoryError("no " + length + " bytes of memory: "
                        + cause.getMessage());
                error.initCause(cause);
                throw error;
            }
            return MemorySegment.ofAddress(result).reinterpret(length);
        }
    }

    /**
     * Gives a mapping back. If the process has as many areas as it may (vm.max_map_count) and this would make one more,
     * only the memory goes, and its addresses stay reserved.
     *
     * @param mapping what {@link #map} gave, or whole pages of it
     * @throws IllegalStateException if the kernel refuses, its cause is the {@link ErrnoException}
     */
    public static void unmap(MemorySegment mapping) {
        requirePages(mapping, 0, mapping.byteSize());
        try (Arena arena = Arena.ofConfined()) {
            int result = Syscalls.munmap(CallState.allocate(arena), mapping, mapping.byteSize());
            if (result == -Errno.ENOMEM) {
                boolean _ = advise(mapping, LibC.MADV_DONTNEED());
                return;
            }
            ErrnoException.check(result, "munmap", mapping.byteSize());
        } catch (ErrnoException e) {
            throw new IllegalStateException("cannot give memory back: " + e.getMessage(), e);
        }
    }

    /**
     * Gives back what whole pages hold, but keeps the room: they are zero when touched again.
     *
     * @param mapping what {@link #map} gave
     * @param offset  the first byte of a page
     * @param length  bytes, whole pages
     * @return whether the kernel took them; not if they are locked in memory (mlockall)
     */
    public static boolean discard(MemorySegment mapping, long offset, long length) {
        requirePages(mapping, offset, length);
        return advise(mapping.asSlice(offset, length), LibC.MADV_DONTNEED());
    }

    /**
     * Asks for huge pages, which cost fewer page faults. Only a wish.
     *
     * @param mapping what {@link #map} gave, or whole pages of it
     * @return whether the kernel took the wish; not if it was built without them
     */
    public static boolean hugePages(MemorySegment mapping) {
        requirePages(mapping, 0, mapping.byteSize());
        return advise(mapping, LibC.MADV_HUGEPAGE());
    }

    /**
     * The size of a page.
     *
     * @return bytes, 4,096 on x86-64
     */
    public static long pageSize() {
        return Page.SIZE;
    }

    private static boolean advise(MemorySegment pages, int advice) {
        try (Arena arena = Arena.ofConfined()) {
            return Syscalls.madvise(CallState.allocate(arena), pages, pages.byteSize(), advice) == 0;
        }
    }

    /** The kernel rounds a length up, past what was meant. */
    private static void requirePages(MemorySegment mapping, long offset, long length) {
        if (((mapping.address() | offset | length) & pageSize() - 1) != 0 || !mapping.isNative()) {
            throw new IllegalArgumentException("not whole pages of " + pageSize() + " bytes: " + length
                    + " bytes from " + offset + " of " + mapping);
        }
    }

    private static long askForPageSize() {
        try (Arena arena = Arena.ofConfined()) {
            return Syscalls.sysconf(CallState.allocate(arena), LibC._SC_PAGESIZE());
        }
    }
}
