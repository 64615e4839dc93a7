package io.workerpipe.cli;

import io.workerpipe.Ipc;
import io.workerpipe.IpcException;
import io.workerpipe.Worker;
import java.lang.foreign.MemorySegment;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Sends one alert to some workers as a guest, and waits until it is written. */
final class Sending {
    private Sending() {}

    /** @param patienceSeconds how long nothing may move before it counts as full */
    static void send(Ipc ipc, List<Worker> receivers, String name, MemorySegment data, long patienceSeconds)
            throws InterruptedException {
        Map<Worker, CompletableFuture<Void>> pending = new LinkedHashMap<>();
        for (Worker receiver : receivers) {
            pending.put(receiver, ipc.lend(receiver.pid(), name, data).toCompletableFuture());
        }
        try (Progress progress = Progress.of(ipc, data.byteSize() * receivers.size())) {
            for (Map.Entry<Worker, CompletableFuture<Void>> each : pending.entrySet()) {
                await(each.getKey(), each.getValue(), progress, TimeUnit.SECONDS.toNanos(patienceSeconds));
            }
        }
    }

    private static void await(Worker receiver, CompletableFuture<Void> written, Progress progress, long patience)
            throws InterruptedException {
        for (;;) {
            try {
                written.get(100, TimeUnit.MILLISECONDS);
                return;
            } catch (TimeoutException e) {
                progress.show();
                if (progress.nanosWithoutMove() > patience) {
                    throw new Stuck("worker " + receiver + " has taken nothing for "
                            + TimeUnit.NANOSECONDS.toSeconds(patience)
                            + " s: its pipe is full and it does not read (is it stopped, or in a handler?); the alert is not delivered");
                }
            } catch (ExecutionException e) {
                if (e.getCause() instanceof IpcException known) {
                    throw known;
                }
                throw new IllegalStateException(e.getCause());
            }
        }
    }

    /** A receiver that does not read. */
    private static final class Stuck extends IpcException {
        private static final long serialVersionUID = 1L;

        Stuck(String message) {
            super(message);
        }
    }
}
