package io.workerpipe.process;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;

/** Waits for a condition that another process brings about, and says what it saw last when the time is over. */
public final class Await {
    private static final long PAUSE = 2_000_000;

    private Await() {}

    /** @param state told when the time is over */
    public static void until(String what, Duration limit, Callable<Boolean> condition, Supplier<?> state)
            throws Exception {
        long end = System.nanoTime() + limit.toNanos();
        while (!condition.call()) {
            if (System.nanoTime() > end) {
                throw new AssertionError("within " + limit.toMillis() + " ms not " + what + ": " + state.get());
            }
            LockSupport.parkNanos(PAUSE);
        }
    }

    public static void until(String what, Duration limit, Callable<Boolean> condition) throws Exception {
        until(what, limit, condition, () -> "it never was");
    }
}
