package io.workerpipe.bench.performer;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;

/** Bytes of Java heap that a thread has allocated. */
final class Allocation {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private Allocation() {}

    /** @param thread its id; 0 for one that is not known yet */
    static long of(long thread) {
        return thread == 0 ? 0 : THREADS.getThreadAllocatedBytes(thread);
    }
}
