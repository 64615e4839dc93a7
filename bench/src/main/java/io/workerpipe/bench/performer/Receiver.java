package io.workerpipe.bench.performer;

import io.workerpipe.bench.transport.Payload;
import io.workerpipe.bench.transport.Seat;
import io.workerpipe.bench.transport.Sink;
import io.workerpipe.bench.transport.Transport;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicLong;

/** Reads and checks each alert: its bytes, and that it is the next one of its stream. */
final class Receiver implements Role, Sink {
    /** An alert so large that what it takes to note its arrival is nothing. */
    private static final long LARGE = 1 << 24;

    private final long bytes;
    /** Of each stream, the token that comes next. */
    private final long[] next;
    private final AtomicLong received = new AtomicLong();
    private final AtomicLong wrong = new AtomicLong();
    private final Latencies latencies = new Latencies();
    private final Transport transport;
    private volatile Schedule schedule;
    private volatile long thread;
    private volatile long arrival;

    Receiver(String system, Seat seat) throws Exception {
        bytes = seat.bytes();
        next = new long[Math.max(1, seat.senders() * seat.threads())];
        for (int stream = 0; stream < next.length; stream++) {
            next[stream] = Payload.firstToken(stream);
        }
        transport = Transport.open(system, seat, this);
    }

    @Override
    public void alert(MemorySegment memory, long offset, long length) {
        if (length >= LARGE) {
            arrival = System.nanoTime();
        }
        if (thread == 0) {
            thread = Thread.currentThread().threadId();
        }
        long token = length == bytes ? Payload.token(memory, offset) : -1;
        long stream = Payload.stream(token);
        if (Long.compareUnsigned(stream, next.length) >= 0) {
            wrong(memory, offset, length, token, 0);
        } else {
            if (next[(int) stream] != token || !Payload.isWhole(memory, offset, length, token)) {
                wrong(memory, offset, length, token, next[(int) stream]);
            }
            next[(int) stream] = token + 1;
        }
        Schedule known = schedule;
        if (known != null) {
            time(known, Payload.number(token));
        }
        // Last: who sees it counted sees what became of it.
        add(received);
    }

    private void wrong(MemorySegment memory, long offset, long length, long token, long wanted) {
        if (wrong.getPlain() == 0) {
            System.err.printf(
                    "after %d alerts one of %d bytes (%d wanted) with token %#x (%#x wanted), first wrong byte"
                            + " at %d%n",
                    received.getPlain(), length, bytes, token, wanted, length < Long.BYTES
                            ? 0
                            : Payload.firstWrong(memory, offset, length, token));
        }
        add(wrong);
    }

    private void time(Schedule schedule, long number) {
        if (schedule.isTimed(number)) {
            latencies.add(schedule.time(number), System.nanoTime());
        }
    }

    /** One writer, so no atomic addition. */
    private static void add(AtomicLong counter) {
        counter.setRelease(counter.getPlain() + 1);
    }

    @Override
    public void schedule(Schedule wanted) {
        schedule = wanted;
    }

    @Override
    public void record(long from, long until) {
        latencies.setWindow(from, until);
    }

    @Override
    public Look look() {
        return new Look(System.nanoTime(), received.getAcquire(), wrong.getAcquire(), Allocation.of(thread));
    }

    @Override
    public long arrival() {
        return arrival;
    }

    @Override
    public void writeLatencies(Path file) throws IOException {
        latencies.write(file);
    }

    @Override
    public void close() throws IOException {
        transport.close();
    }
}
