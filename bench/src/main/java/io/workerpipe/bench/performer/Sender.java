package io.workerpipe.bench.performer;

import io.workerpipe.bench.transport.Link;
import io.workerpipe.bench.transport.Payload;
import io.workerpipe.bench.transport.Seat;
import io.workerpipe.bench.transport.Transport;
import io.workerpipe.linux.Memory;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/** Sends from one or more threads, each a stream of its own: as fast as it can, or by a schedule. */
final class Sender implements Role {
    private final Transport transport;
    private final List<Stream> streams = new ArrayList<>();
    private volatile boolean stopping;
    private volatile Schedule schedule;

    Sender(String system, Seat seat) throws Exception {
        transport = Transport.open(system, seat, null);
        int first = (seat.index() - seat.receivers()) * seat.threads();
        for (int i = 0; i < seat.threads(); i++) {
            streams.add(new Stream(transport.link(0, seat.receivers()), first + i, seat.bytes()));
        }
    }

    @Override
    public void schedule(Schedule wanted) {
        schedule = wanted;
    }

    @Override
    public void go() {
        stopping = false;
        streams.forEach(Stream::start);
    }

    @Override
    public Look look() {
        return new Look(System.nanoTime(), sent(), 0,
                streams.stream().mapToLong(Stream::allocated).sum());
    }

    private long sent() {
        return streams.stream().mapToLong(stream -> stream.sent.getAcquire()).sum();
    }

    @Override
    public long once() throws Exception {
        return streams.getFirst().sendAlone();
    }

    @Override
    public long stop() throws InterruptedException {
        stopping = true;
        for (Stream stream : streams) {
            stream.thread.join();
        }
        return sent();
    }

    @Override
    public void close() throws IOException {
        transport.close();
    }

    private final class Stream {
        Thread thread;
        final AtomicLong sent = new AtomicLong();
        private final Link link;
        private final long firstToken;
        private final MemorySegment data;

        Stream(Link link, int stream, long bytes) throws IOException {
            this.link = link;
            firstToken = Payload.firstToken(stream);
            data = Memory.map(bytes).asSlice(0, bytes);
            Payload.fill(data);
        }

        void start() {
            thread = new Thread(this::run, "sender");
            thread.setDaemon(true);
            thread.start();
        }

        private void run() {
            try {
                Schedule wanted = schedule;
                if (wanted == null) {
                    sendAll();
                } else {
                    sendBySchedule(wanted);
                }
                link.flush();
            } catch (Throwable e) {
                // Half a stream is none.
                e.printStackTrace();
                Runtime.getRuntime().halt(1);
            }
        }

        long allocated() {
            return thread == null ? 0 : Allocation.of(thread.threadId());
        }

        long sendAlone() throws Exception {
            Payload.stamp(data, firstToken + sent.getPlain());
            long start = System.nanoTime();
            link.sendAlone(data);
            sent.setRelease(sent.getPlain() + 1);
            return start;
        }

        private void sendAll() {
            while (!stopping) {
                sendOne(sent.getPlain());
            }
        }

        private void sendBySchedule(Schedule wanted) {
            boolean pushed = true;
            while (!stopping) {
                long number = sent.getPlain();
                long due = wanted.due(System.nanoTime());
                if (number < due) {
                    while (number < due && !stopping) {
                        sendOne(number++);
                    }
                    pushed = false;
                } else if (!pushed) {
                    link.push();
                    pushed = true;
                } else {
                    Thread.onSpinWait();
                }
            }
        }

        private void sendOne(long number) {
            Payload.stamp(data, firstToken + number);
            link.send(data);
            sent.setRelease(number + 1);
        }
    }
}
