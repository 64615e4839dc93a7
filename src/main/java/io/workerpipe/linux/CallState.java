package io.workerpipe.linux;

import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.foreign.StructLayout;
import java.lang.invoke.VarHandle;

/**
 * Where a call leaves its errno. Belongs to one thread, or to whoever holds the right to flush; never to two at a time.
 *
 * <p>The JVM may make system calls of its own between ours and the moment we look at the thread's errno, so the linker
 * saves it right after the call: see {@link Linker.Option#captureCallState}.
 */
public final class CallState {
    private static final StructLayout LAYOUT = Linker.Option.captureStateLayout();
    private static final VarHandle ERRNO = LAYOUT.varHandle(MemoryLayout.PathElement.groupElement("errno"));

    final MemorySegment segment;

    private CallState(MemorySegment segment) {
        this.segment = segment;
    }

    /** @param allocator whose memory it lives in, as long as that lives */
    public static CallState allocate(SegmentAllocator allocator) {
        return new CallState(allocator.allocate(LAYOUT));
    }

    /** The errno of the last call that failed. */
    int errno() {
        return (int) ERRNO.get(segment, 0L);
    }
}
