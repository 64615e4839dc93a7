package io.workerpipe;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * What becomes of a lent alert, and what depends on it. Any thread; waiting throws where it would be waiting for itself.
 *
 * @param <T> the result
 */
final class LentStage<T> extends CompletableFuture<T> {
    /** Throws where this thread cannot wait. */
    private final Runnable check;

    LentStage(Runnable check) {
        this.check = check;
    }

    @Override
    public <U> CompletableFuture<U> newIncompleteFuture() {
        return new LentStage<>(check);
    }

    private void checkMayWait() {
        if (!isDone()) {
            check.run();
        }
    }

    @Override
    public T join() {
        checkMayWait();
        return super.join();
    }

    @Override
    public T get() throws InterruptedException, ExecutionException {
        checkMayWait();
        return super.get();
    }

    @Override
    public T get(long timeout, TimeUnit unit) throws InterruptedException, ExecutionException, TimeoutException {
        checkMayWait();
        return super.get(timeout, unit);
    }
}
