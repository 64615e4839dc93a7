package io.workerpipe.cli;

import io.workerpipe.Ipc;
import io.workerpipe.IpcException;
import io.workerpipe.NoSuchWorkerException;
import io.workerpipe.Worker;
import io.workerpipe.WorkerUnreachableException;
import java.lang.foreign.MemorySegment;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** One alert for some workers, from a guest that waits until it is written. Used by one thread. */
final class Sending {
    private final Ipc ipc;
    private final long patienceSeconds;
    private final Map<Worker, CompletableFuture<Void>> pending = new LinkedHashMap<>();
    private final Map<Worker, IpcException> failed = new LinkedHashMap<>();

    private Sending(Ipc ipc, long patienceSeconds) {
        this.ipc = ipc;
        this.patienceSeconds = patienceSeconds;
    }

    /**
     * Sends to all, whatever becomes of some of them.
     *
     * @param patienceSeconds how long nothing may move before it is given up
     * @throws IpcException saying who did not get it, and why
     */
    static void send(Ipc ipc, List<Worker> receivers, String name, MemorySegment data, long patienceSeconds)
            throws InterruptedException {
        Sending sending = new Sending(ipc, patienceSeconds);
        receivers.forEach(receiver -> sending.start(receiver, name, data));
        try (Progress progress = Progress.of(ipc, data.byteSize() * receivers.size())) {
            sending.awaitAll(progress);
        }
        sending.report(receivers.size());
    }

    static void checkPatience(long seconds) {
        if (seconds < 1) {
            throw new IllegalArgumentException("--patience is " + seconds + ", but must be 1 second or more");
        }
    }

    private void start(Worker receiver, String name, MemorySegment data) {
        try {
            pending.put(receiver, ipc.lend(receiver.pid(), name, data).toCompletableFuture());
        } catch (NoSuchWorkerException | WorkerUnreachableException e) {
            failed.put(receiver, e);
        }
    }

    private void awaitAll(Progress progress) throws InterruptedException {
        for (Map.Entry<Worker, CompletableFuture<Void>> each : pending.entrySet()) {
            try {
                await(each.getKey(), each.getValue(), progress);
            } catch (ExecutionException e) {
                failed.put(each.getKey(), e.getCause() instanceof IpcException known
                        ? known
                        : new Failed(
                                "the data cannot be read any more: was the file cut short meanwhile? (" + e.getCause()
                                        + ")"));
            }
        }
    }

    private void await(Worker receiver, CompletableFuture<Void> written, Progress progress)
            throws InterruptedException, ExecutionException {
        for (;;) {
            try {
                written.get(100, TimeUnit.MILLISECONDS);
                return;
            } catch (TimeoutException e) {
                progress.show();
                if (progress.nanosWithoutMove() > TimeUnit.SECONDS.toNanos(patienceSeconds)) {
                    failed.put(receiver, new Failed("worker " + receiver + " has taken nothing for " + patienceSeconds
                            + " s: its pipe is full and it does not read (is it stopped, or in a handler?); the alert is not delivered"));
                    return;
                }
            }
        }
    }

    private void report(int receivers) {
        if (failed.isEmpty()) {
            return;
        }
        IpcException first = failed.values().iterator().next();
        throw receivers == 1
                ? first
                : new Failed(
                        "sent to " + (receivers - failed.size()) + " of " + Quantity.workers(receivers) + ", not to "
                                + failed.keySet() + ": " + first.getMessage());
    }

    /** A receiver that does not read, or data that changed meanwhile. */
    private static final class Failed extends IpcException {
        private static final long serialVersionUID = 1L;

        Failed(String message) {
            super(message);
        }
    }
}
