package io.workerpipe.loop;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;

/**
 * Any thread may wait here for a state that other threads bring about.
 *
 * <p>While nobody waits, {@link #changed()} costs one volatile read. The state must be written by a volatile write
 * before {@code changed()}, and the condition must read it the same way: either the waiter sees the new state or the
 * changer sees the waiter.
 */
final class Gate {
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition moved = lock.newCondition();
    private volatile int waiting;

    void changed() {
        if (waiting != 0) {
            lock.lock();
            try {
                moved.signalAll();
            } finally {
                lock.unlock();
            }
        }
    }

    /** Whether somebody waits, or was woken and has not run yet. */
    boolean isAwaited() {
        return waiting != 0;
    }

    /** Waits until {@code condition} holds; false when {@code nanos} have passed before. */
    boolean await(BooleanSupplier condition, long nanos) throws InterruptedException {
        if (condition.getAsBoolean()) {
            return true;
        }
        lock.lockInterruptibly();
        try {
            waiting++;
            long left = nanos;
            while (!condition.getAsBoolean()) {
                if (left <= 0) {
                    return false;
                }
                left = moved.awaitNanos(left);
            }
            return true;
        } finally {
            waiting--;
            lock.unlock();
        }
    }

    /** The same, but an interrupt is kept for later. */
    boolean awaitUninterruptibly(BooleanSupplier condition, long nanos) {
        boolean interrupted = false;
        long end = System.nanoTime() + nanos;
        try {
            for (;;) {
                try {
                    return await(condition, end - System.nanoTime());
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

    /** A wait without a limit, in the unit of {@link #await}: a century. */
    static final long FOREVER = TimeUnit.DAYS.toNanos(36_500);
}
