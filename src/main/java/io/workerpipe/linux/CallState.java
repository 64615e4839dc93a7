package io.workerpipe.linux;

import static java.lang.foreign.MemoryLayout.PathElement.groupElement;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;

/**
 * Used by one thread at a time: it belongs to a thread, or to whoever holds the right to flush, never to a static.
 *
 * <p>Where a call leaves its errno, and the few bytes that some calls need for an argument.
 */
public final class CallState {
    private static final MemoryLayout CAPTURE = Linker.Option.captureStateLayout();
    private static final long ERRNO_AT = CAPTURE.byteOffset(groupElement("errno"));
    private static final long SCRATCH_SIZE = 16;

    private final MemorySegment capture;
    private final MemorySegment scratch;

    private CallState(SegmentAllocator allocator) {
        capture = allocator.allocate(CAPTURE);
        scratch = allocator.allocate(SCRATCH_SIZE, Long.BYTES);
    }

    /**
     * Makes a call state that lives as long as the allocator's memory.
     *
     * @param allocator where its few bytes come from
     * @return a call state
     */
    public static CallState allocate(SegmentAllocator allocator) {
        return new CallState(allocator);
    }

    /**
     * Makes a call state that lives as long as it is reachable.
     *
     * @return a call state
     */
    public static CallState ofAuto() {
        return new CallState(Arena.ofAuto());
    }

    MemorySegment capture() {
        return capture;
    }

    /** 16 bytes, aligned for a long, whose content lasts until the next call. */
    MemorySegment scratch() {
        return scratch;
    }

    /** The one place that decides what a call gave: its result, or its errno, negative. */
    long result(long returned) {
        return returned == -1 ? -capture.get(JAVA_INT, ERRNO_AT) : returned;
    }

    int result(int returned) {
        return (int) result((long) returned);
    }
}
