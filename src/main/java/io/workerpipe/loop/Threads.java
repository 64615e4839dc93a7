package io.workerpipe.loop;

import java.time.Duration;

/** Waiting for a thread to end. */
final class Threads {
    private Threads() {}

    /** Waits for a while; false when the thread still runs then. An interrupt is kept for later. */
    static boolean joinUninterruptibly(Thread thread, Duration limit) {
        boolean interrupted = false;
        long end = System.nanoTime() + limit.toNanos();
        try {
            for (;;) {
                try {
                    return thread.join(Duration.ofNanos(Math.max(0, end - System.nanoTime())));
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
