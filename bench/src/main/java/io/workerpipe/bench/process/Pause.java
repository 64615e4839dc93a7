package io.workerpipe.bench.process;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/** Letting time pass, to the microsecond rather than to the millisecond. */
public final class Pause {
    private Pause() {}

    /** @throws InterruptedException if the bench is being ended */
    public static void of(Duration time) throws InterruptedException {
        long end = System.nanoTime() + time.toNanos();
        for (long left = time.toNanos(); left > 0; left = end - System.nanoTime()) {
            LockSupport.parkNanos(left);
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
        }
    }
}
