package io.workerpipe.bench.performer;

import io.workerpipe.bench.transport.Link;
import io.workerpipe.bench.transport.Payload;
import io.workerpipe.bench.transport.Seat;
import io.workerpipe.bench.transport.Sink;
import io.workerpipe.bench.transport.Transport;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicLong;

/** Sends an alert, and when it has come back the next one, on the receiving thread: one is on its way at any time. */
final class Pinger implements Role, Sink {
    private final MemorySegment data;
    private final AtomicLong received = new AtomicLong();
    private final AtomicLong wrong = new AtomicLong();
    private final Latencies latencies = new Latencies();
    private final Transport transport;
    private final Link link;
    private volatile boolean stopping;
    private volatile long thread;
    /** Of the one that is on its way; handed from thread to thread with it. */
    private long token;
    private long sentAt;

    Pinger(String system, Seat seat) throws Exception {
        data = Arena.ofAuto().allocate(seat.bytes(), Long.BYTES);
        Payload.fill(data);
        transport = Transport.open(system, seat, this);
        link = transport.link(1 - seat.index());
    }

    @Override
    public void go() {
        ping();
    }

    private void ping() {
        Payload.stamp(data, ++token);
        sentAt = System.nanoTime();
        link.send(data);
        link.push();
    }

    @Override
    public void alert(MemorySegment memory, long offset, long length) {
        long time = System.nanoTime();
        if (thread == 0) {
            thread = Thread.currentThread().threadId();
        }
        if (length != data.byteSize() || !Payload.isWhole(memory, offset, length, token)) {
            wrong.setRelease(wrong.getPlain() + 1);
        }
        latencies.add(sentAt, time);
        received.setRelease(received.getPlain() + 1);
        if (!stopping) {
            ping();
        }
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
    public long stop() {
        stopping = true;
        return 0;
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
