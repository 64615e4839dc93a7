package io.workerpipe.loop;

import io.workerpipe.linux.Pipe;
import io.workerpipe.roster.Counters;
import io.workerpipe.roster.CountersInMemory;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** An outbox and the pipe that it writes to, in one process. Any thread sends, one at a time reads. */
final class Line implements AutoCloseable {
    static final byte[] NAME = "x".getBytes(StandardCharsets.UTF_8);
    private static final long PATIENCE = TimeUnit.MILLISECONDS.toNanos(2);
    private static final long LIMIT = TimeUnit.SECONDS.toNanos(60);

    final Pipe pipe;
    final Outbox outbox;
    final Counters counters = CountersInMemory.create();

    /** @param pipeBytes 0: as the kernel makes it */
    Line(Surroundings surroundings, int pipeBytes, long limit, PageWrites writes, PageSplices splices) {
        this(surroundings, surroundings.pool, pipeBytes, limit, writes, splices);
    }

    /** The same, with chunks from a pool of its own. */
    Line(Surroundings surroundings, PagePool pool, int pipeBytes, long limit, PageWrites writes, PageSplices splices) {
        try {
            pipe = Pipe.create();
            pipe.readEnd().setNonBlocking(true);
            if (pipeBytes != 0) {
                pipe.resize(pipeBytes);
            }
            outbox = surroundings.outbox(pipe.writeEnd(), limit, pool, writes, splices, counters);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /** By the short way for arrays where there is one, half of the time; or as one who may wait, a third of the time. */
    Outbox.Offer offer(byte[] data) {
        if (data.length % 2 == 0 && outbox.offerNow(NAME, data)) {
            return Outbox.Offer.ACCEPTED;
        }
        MemorySegment segment = MemorySegment.ofArray(data);
        if (data.length % 3 != 0) {
            return outbox.offer(0, NAME, segment);
        }
        outbox.patience().keepPace(PATIENCE);
        return outbox.offerPatiently(NAME, segment, PATIENCE);
    }

    Outbox.Offer lend(byte[] data, CompletableFuture<Void> done) {
        return outbox.lend(NAME, MemorySegment.ofArray(data), done);
    }

    /** Offers until it is accepted, and waits for room in between. */
    void send(byte[] data) throws InterruptedException {
        for (;;) {
            Outbox.Offer offer = offer(data);
            boolean room = switch (offer) {
                case ACCEPTED -> true;
                case OUTBOX_FULL -> outbox.awaitRoom(NAME.length, data.length, LIMIT);
                case POOL_EMPTY -> outbox.awaitPool(NAME.length, data.length, LIMIT);
                case TOO_LARGE, DROPPED, CLOSED -> throw new AssertionError(data.length + " bytes: " + offer);
            };
            if (!room) {
                throw new AssertionError("no room for " + data.length + " bytes within 60 s: " + offer);
            }
            if (offer == Outbox.Offer.ACCEPTED) {
                return;
            }
        }
    }

    /** Reads until nothing is left in the outbox and in the pipe; false if that was not so within 60 s. */
    boolean readAll(Intake intake) {
        long end = System.nanoTime() + LIMIT;
        for (;;) {
            // Before reading: what is written after it comes in another round.
            boolean drained = outbox.drained();
            int bytes = intake.read(pipe.readEnd());
            if (bytes == 0 || bytes < 0 && drained) {
                return true;
            }
            if (bytes < 0) {
                if (System.nanoTime() > end) {
                    return false;
                }
                LockSupport.parkNanos(10_000);
            }
        }
    }

    /** All that was sent, and nothing else, as it was sent. The races, which have no AssertJ, use this class too. */
    void assertAllComes(long alerts) {
        Intake intake = new Intake(64 << 10);
        boolean all = readAll(intake);
        if (!all || !intake.fault().equals("none") || intake.alerts() != alerts) {
            throw new AssertionError((all ? "" : "not all written within 60 s; ") + "fault: " + intake.fault() + "; "
                    + intake.alerts() + " alerts, not " + alerts);
        }
    }

    /** Waits until the outbox has let go of the pipe; false if that was not so within 60 s. */
    boolean awaitClosed() {
        long end = System.nanoTime() + LIMIT;
        while (outbox.fd().isOpen()) {
            if (System.nanoTime() > end) {
                return false;
            }
            LockSupport.parkNanos(10_000);
        }
        return true;
    }

    /** What is inside is thrown away. */
    @Override
    public void close() {
        outbox.discard();
        if (!awaitClosed()) {
            throw new AssertionError("an outbox was not closed within 60 s after it was discarded");
        }
        pipe.readEnd().close();
    }
}
