package io.workerpipe.bench.process;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/** Letting time pass, to the microsecond rather than to the millisecond. */
public final class Pause {
    private Pause() {}

    /** @throws InterruptedException if the bench is being ended */
    public static void of(Duration time) throws InterruptedException {
        until(System.nanoTime() + time.toNanos());
    }

    /**
     * @param nanoTime by {@link System#nanoTime}
     * @throws InterruptedException if the bench is being ended
     */
    public static void until(long nanoTime) throws InterruptedException {
        for (long left = nanoTime - System.nanoTime(); left > 0; left = nanoTime - System.nanoTime()) {
            LockSupport.parkNanos(left);
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
        }
    }
}
