package io.workerpipe.loop;

import java.time.Duration;
import java.util.function.BooleanSupplier;

/** Waiting for a thread to end. */
final class Threads {
    private Threads() {}

    /** How often a wait that may be in vain is looked at. */
    private static final long LOOK_NANOS = 20_000_000;

    /** Waits for a while; false when the thread still runs then. An interrupt is kept for later. */
    static boolean joinUninterruptibly(Thread thread, Duration limit) {
        return joinUninterruptibly(thread, limit, () -> false);
    }

    /** The same; false, at once, also when it turns out that the thread cannot end. */
    static boolean joinUninterruptibly(Thread thread, Duration limit, BooleanSupplier inVain) {
        boolean interrupted = false;
        long end = System.nanoTime() + limit.toNanos();
        try {
            for (;;) {
                try {
                    long left = Math.max(0, end - System.nanoTime());
                    if (thread.join(Duration.ofNanos(Math.min(left, LOOK_NANOS)))) {
                        return true;
                    }
                    if (left <= LOOK_NANOS || inVain.getAsBoolean()) {
                        return false;
                    }
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
