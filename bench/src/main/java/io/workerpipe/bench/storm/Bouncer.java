package io.workerpipe.bench.storm;

import io.workerpipe.Alert;
import io.workerpipe.AlertHandler;
import io.workerpipe.Ipc;
import io.workerpipe.OutboxFullException;
import io.workerpipe.Statistics;
import io.workerpipe.bench.transport.Payload;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Checks each alert and sends it on to a random other worker. The handler is for the reader thread; counters are written
 * by it alone and read by any thread.
 */
final class Bouncer implements AlertHandler {
    private final Ipc ipc;
    private final long[] others;
    private final int bytes;
    private final AtomicLong received = new AtomicLong();
    private final AtomicLong retired = new AtomicLong();
    private final AtomicLong tokens = new AtomicLong();
    private final AtomicLong wrong = new AtomicLong();
    private final AtomicLong refused = new AtomicLong();
    /** Xorshift: never 0. */
    private long random;
    private volatile boolean stopping;

    /** @param others process ids */
    Bouncer(Ipc ipc, long[] others, int bytes, int index) {
        this.ipc = ipc;
        this.others = others;
        this.bytes = bytes;
        this.random = token(index, -1) | 1;
    }

    @Override
    public void handle(Alert alert) {
        MemorySegment data = alert.data();
        long token = data.byteSize() == bytes ? Payload.token(data, 0) : 0;
        if (data.byteSize() != bytes || !Payload.isWhole(data, 0, bytes, token, pattern(token))) {
            add(wrong, 1);
        }
        if (stopping) {
            add(tokens, token);
            add(retired, 1);
        } else {
            try {
                ipc.send(others[next()], StormCase.ALERT, data);
            } catch (OutboxFullException e) {
                add(refused, 1);
            }
        }
        // Last: who sees it counted sees what became of it.
        add(received, 1);
    }

    /** The token of a worker's n-th alert: looks random, so that sums of tokens tell one set of alerts from another. */
    private static long token(int worker, int number) {
        long mixed = ((long) worker << 32 | number) * 0x9E37_79B9_7F4A_7C15L;
        mixed = (mixed ^ mixed >>> 32) * 0xD6E8_FEB8_6659_FD93L;
        return mixed ^ mixed >>> 32;
    }

    /** An alert's own, so that a part of another one is seen wherever it lies. */
    private static long pattern(long token) {
        return ~token;
    }

    /** One writer, so no atomic addition. */
    private static void add(AtomicLong counter, long value) {
        counter.setRelease(counter.getPlain() + value);
    }

    private int next() {
        random ^= random << 13;
        random ^= random >>> 7;
        random ^= random << 17;
        return (int) ((random >>> 33) * others.length >>> 31);
    }

    /** Puts alerts into the storm, from another thread than the reader; returns the sum of their tokens. */
    long inject(int index, int count) {
        long sum = 0;
        SplittableRandom to = new SplittableRandom(index);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment data = arena.allocate(bytes);
            for (int i = 0; i < count; i++) {
                long token = token(index, i);
                Payload.fill(data, pattern(token));
                Payload.stamp(data, token);
                ipc.send(others[to.nextInt(others.length)], StormCase.ALERT, data);
                sum += token;
            }
        }
        return sum;
    }

    /** From now on what comes is counted and kept. */
    void stop() {
        stopping = true;
    }

    Snapshot look() {
        long nanoTime = System.nanoTime();
        long got = received.getAcquire();
        Statistics library = ipc.statistics();
        return new Snapshot(nanoTime, got, retired.getAcquire(), tokens.getAcquire(), wrong.getAcquire(),
                refused.getAcquire(), library.discarded() + library.failedHandlers() + library.skippedBytes()
                        + library.droppedOpen() + library.refused() + library.lostWithPeer());
    }
}
