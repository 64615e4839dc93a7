package io.workerpipe.bench.transport;

import io.workerpipe.Ipc;
import io.workerpipe.WhenFull;
import io.workerpipe.Worker;
import java.lang.foreign.MemorySegment;
import java.time.Duration;

/** This library with its defaults, but that it waits when full: plain send, plain broadcast. */
final class WorkerpipeTransport implements Transport {
    private static final String ALERT = "hello";
    /** For whoever waits: what is in the outboxes may take long where receivers are slow. */
    private static final Duration LIMIT = Duration.ofMinutes(5);

    private final Ipc ipc;
    private final int processes;

    WorkerpipeTransport(Seat seat, Sink sink) {
        processes = seat.processes();
        Ipc.Builder builder = Ipc.builder("bench").index(seat.index()).whenFull(WhenFull.waitAtMost(LIMIT));
        if (sink != null) {
            builder.receive(ALERT, alert -> {
                MemorySegment data = alert.data();
                sink.alert(data, 0, data.byteSize());
            });
        }
        ipc = waiting(builder, seat.waiting()).join();
    }

    private static Ipc.Builder waiting(Ipc.Builder builder, Waiting waiting) {
        return switch (waiting) {
            case BLOCK -> builder.spin(Duration.ZERO);
            case SPIN -> builder.spin(Duration.ofSeconds(1));
            case DEFAULT -> builder;
        };
    }

    @Override
    public Link link(int firstReceiver, int count) throws InterruptedException {
        if (!ipc.awaitWorkers(processes, LIMIT)) {
            throw new IllegalStateException("of " + processes + " workers only " + ipc.workers());
        }
        if (count > 1) {
            return new All();
        }
        Worker receiver = ipc.workers().stream().filter(worker -> worker.index() == firstReceiver).findFirst()
                .orElseThrow();
        return new One(receiver.pid());
    }

    @Override
    public void close() {
        ipc.close();
    }

    private final class One implements Link {
        private final long pid;

        One(long pid) {
            this.pid = pid;
        }

        @Override
        public void send(MemorySegment data) {
            ipc.send(pid, ALERT, data);
        }

        @Override
        public void sendAlone(MemorySegment data) throws Exception {
            ipc.lend(pid, ALERT, data).toCompletableFuture().get();
        }

        @Override
        public void push() {}

        @Override
        public void flush() {
            flushAll();
        }
    }

    private final class All implements Link {
        @Override
        public void send(MemorySegment data) {
            int sent = ipc.broadcastToOthers(ALERT, data);
            if (sent != processes - 1) {
                throw new IllegalStateException("sent to " + sent + " of " + (processes - 1));
            }
        }

        @Override
        public void push() {}

        @Override
        public void flush() {
            flushAll();
        }
    }

    private void flushAll() {
        try {
            if (!ipc.flush(LIMIT)) {
                throw new IllegalStateException("not flushed within " + LIMIT);
            }
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
