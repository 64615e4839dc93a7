package io.workerpipe.loop;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Who may wait keeps pace with a pipe that moves, and is not held up by one that does not. */
@Timeout(300)
class PatienceTest {
    private static final long LONG = TimeUnit.SECONDS.toNanos(200);

    private int number;

    private static Line line(Surroundings around) {
        return new Line(around, 64 << 10, 8 << 20, new PageWrites(true), new PageSplices(false));
    }

    private byte[] next(int length) {
        return Intake.data(0, number, length);
    }

    /** As one who may not wait, until so much is in the outbox. */
    private void runAhead(Line line, long bytes) {
        while (line.outbox.queued() < bytes) {
            assertThat(line.outbox.offer(0, Line.NAME, MemorySegment.ofArray(next(1000))))
                    .isEqualTo(Outbox.Offer.ACCEPTED);
            number++;
        }
    }

    /** Sends in another thread as one who may wait, until all are sent or one is refused: what became of the last. */
    private FutureTask<Outbox.Offer> sending(Line line, int alerts) {
        FutureTask<Outbox.Offer> task = new FutureTask<>(() -> {
            Outbox.Offer offer = Outbox.Offer.ACCEPTED;
            for (int i = 0; i < alerts && offer == Outbox.Offer.ACCEPTED; i++) {
                line.outbox.patience().keepPace(LONG);
                offer = line.outbox.offerPatiently(Line.NAME, MemorySegment.ofArray(Intake.data(0, i, 1000)), LONG);
            }
            return offer;
        });
        Thread.ofPlatform().daemon().start(task);
        return task;
    }

    /** He waits for the pipe for a millisecond: who looks may come too late. */
    private static boolean isSeenPolling(Line line, FutureTask<?> sender) {
        boolean polling = false;
        while (!polling && !line.outbox.awaitingRoom && !sender.isDone()) {
            polling = line.outbox.patience().isPolling();
        }
        return polling;
    }

    /** Without a writer thread: nobody else could have written on. */
    @Test
    void shouldWaitForAFullPipeByItselfAndLoseNothing() throws Exception {
        Until.holds("seen polling, and writing on", () -> {
            try (Surroundings around = new Surroundings(256L * Chunk.BYTES, false); Line line = line(around)) {
                FutureTask<Outbox.Offer> sender = sending(line, 500);
                boolean polling = isSeenPolling(line, sender);
                Intake intake = new Intake(64 << 10);
                Until.holds("all sent", () -> {
                    intake.read(line.pipe.readEnd());
                    return sender.isDone();
                });
                assertThat(sender.get()).isEqualTo(Outbox.Offer.ACCEPTED);
                while (intake.read(line.pipe.readEnd()) > 0) {
                }
                // More than twice what the pipe holds.
                boolean wroteOn = intake.alerts() > 130;
                line.outbox.requestFlush();
                Until.holds("all written, by this thread as the writer", () -> {
                    intake.read(line.pipe.readEnd());
                    return line.outbox.flushAsWriter() == Outbox.Flush.DRAINED;
                });
                assertThat(line.readAll(intake)).isTrue();
                assertThat(intake.fault()).isEqualTo("none");
                assertThat(intake.alerts()).isEqualTo(500);
                return polling && wroteOn;
            }
        });
    }

    /** Of an empty pipe poll(2) says at once that it has room: whoever asks it hears so. */
    @Test
    void shouldAskThePipeOnlyForThoseWhoMayWait() throws Exception {
        try (Surroundings around = new Surroundings(64L * Chunk.BYTES); Line line = line(around)) {
            Patience patience = line.outbox.patience();
            assertThat(patience.awaitPipe()).as("who does not send").isFalse();
            assertThat(inThread(Thread.ofVirtual(), () -> polls(patience, LONG))).as("a virtual thread").isFalse();
            assertThat(polls(patience, 999_999)).as("who may wait for less than a millisecond").isFalse();
            patience.begin(LONG);
            assertThat(inThread(Thread.ofPlatform(), patience::awaitPipe)).as("another thread").isFalse();
            patience.end();
            assertThat(patience.awaitPipe()).as("who has sent").isFalse();
            // It was none of them: the first one to ask hears so, however little has been written.
            assertThat(polls(patience, 1_000_000)).as("who may wait").isTrue();
        }
    }

    private static boolean polls(Patience patience, long nanos) {
        patience.begin(nanos);
        try {
            return patience.awaitPipe();
        } finally {
            patience.end();
        }
    }

    private static boolean inThread(Thread.Builder kind, Callable<Boolean> what) throws Exception {
        FutureTask<Boolean> task = new FutureTask<>(what);
        kind.start(task);
        return task.get(60, TimeUnit.SECONDS);
    }

    @Test
    void shouldEndTheWaitForAFullPipeWhenNobodyReadsItAnyMore() throws Exception {
        Until.holds("seen polling", () -> {
            try (Surroundings around = new Surroundings(256L * Chunk.BYTES); Line line = line(around)) {
                FutureTask<Outbox.Offer> sender = sending(line, Integer.MAX_VALUE);
                boolean polling = isSeenPolling(line, sender);
                line.pipe.readEnd().close();
                assertThat(sender.get(60, TimeUnit.SECONDS)).isIn(Outbox.Offer.CLOSED, Outbox.Offer.OUTBOX_FULL);
                assertThat(line.awaitClosed()).as("the right to flush is not kept").isTrue();
                return polling;
            }
        });
    }

    /** He runs ahead then, as far as the outbox reaches: he waits a moment for a pipe that moves, and this one does not. */
    @Test
    void shouldNotHoldUpAPatientSenderWhoseReceiverStandsStill() throws Exception {
        long limit = 8 << 20;
        try (Surroundings around = new Surroundings(256L * Chunk.BYTES);
                Line line = line(around)) {
            MemorySegment data = MemorySegment.ofArray(new byte[100]);
            Path self = Path.of("/proc/thread-self");
            long before = Until.wakeUps(self);
            do {
                line.outbox.patience().keepPace(LONG);
            } while (line.outbox.offerPatiently(Line.NAME, data, LONG) == Outbox.Offer.ACCEPTED);
            assertThat(line.outbox.queued()).isGreaterThan(limit - Chunk.BYTES);
            assertThat(Until.wakeUps(self) - before).as("times that it slept, for 70,000 alerts").isLessThan(1000);
        }
    }

    @Test
    void shouldWakeWhoKeepsPaceWhenEnoughHasLeft() throws Exception {
        try (Surroundings around = new Surroundings(256L * Chunk.BYTES); Line line = line(around)) {
            runAhead(line, 1 << 20);
            FutureTask<Boolean> left = Until.waiting(
                    () -> line.outbox.patience().awaitLeft(line.outbox.claimed() - (256 << 10), LONG));
            line.assertAllComes(number);
            assertThat(left.get(60, TimeUnit.SECONDS)).isTrue();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void shouldWakeWhoKeepsPaceWhenTheOutboxIsClosed(boolean finish) throws Exception {
        try (Surroundings around = new Surroundings(256L * Chunk.BYTES); Line line = line(around)) {
            runAhead(line, 1 << 20);
            FutureTask<Boolean> left = Until
                    .waiting(() -> line.outbox.patience().awaitLeft(line.outbox.claimed(), LONG));
            if (finish) {
                line.outbox.finish();
            } else {
                line.outbox.discard();
            }
            assertThat(left.get(60, TimeUnit.SECONDS)).isTrue();
        }
    }

    @Test
    void shouldWaitOnceForAReceiverThatStandsStillAndRunAheadThen() throws Exception {
        try (Surroundings around = new Surroundings(256L * Chunk.BYTES); Line line = line(around)) {
            runAhead(line, 1 << 20);
            assertThat(line.outbox.patience().keepPace(LONG)).isPositive();
            assertThat(line.outbox.patience().keepPace(LONG)).isZero();
            line.assertAllComes(number);
        }
    }

    @Test
    void shouldKeepAnInterruptForLaterWhenKeepingPace() throws Exception {
        try (Surroundings around = new Surroundings(256L * Chunk.BYTES); Line line = line(around)) {
            runAhead(line, 1 << 20);
            Thread.currentThread().interrupt();
            long waited = line.outbox.patience().keepPace(LONG);
            assertThat(Thread.interrupted()).isTrue();
            assertThat(waited).isZero();
        }
    }

    /** Two who may wait, one who may not, and a reader who stands still at times; several megabytes. */
    @Test
    void shouldLoseNothingWhenSomeKeepPaceAndOthersDoNot() throws Exception {
        int each = 40_000;
        try (Surroundings around = new Surroundings(256L * Chunk.BYTES); Line line = line(around)) {
            Intake intake = new Intake(256 << 10);
            List<FutureTask<Void>> senders = new ArrayList<>();
            for (int stream = 0; stream < 3; stream++) {
                int self = stream;
                FutureTask<Void> sender = new FutureTask<>(() -> {
                    for (int i = 0; i < each; i++) {
                        MemorySegment data = MemorySegment.ofArray(Intake.data(self, i, 300));
                        Callable<Outbox.Offer> offer = () -> {
                            if (self == 0) {
                                return line.outbox.offer(0, Line.NAME, data);
                            }
                            line.outbox.patience().keepPace(LONG);
                            return line.outbox.offerPatiently(Line.NAME, data, LONG);
                        };
                        for (Outbox.Offer got = offer.call(); got != Outbox.Offer.ACCEPTED; got = offer.call()) {
                            assertThat(got).isEqualTo(Outbox.Offer.OUTBOX_FULL);
                            assertThat(line.outbox.awaitRoom(Line.NAME.length, 300, LONG)).isTrue();
                        }
                    }
                    return null;
                });
                Thread.ofPlatform().daemon().start(sender);
                senders.add(sender);
            }
            long end = System.nanoTime() + LONG;
            for (int reads = 1; !senders.stream().allMatch(FutureTask::isDone); reads++) {
                assertThat(System.nanoTime()).as("all sent within a minute").isLessThan(end);
                intake.read(line.pipe.readEnd());
                if (reads % 50 == 0) {
                    LockSupport.parkNanos(3_000_000);
                }
            }
            for (FutureTask<Void> sender : senders) {
                sender.get();
            }
            assertThat(line.readAll(intake)).as("all written within 60 s").isTrue();
            assertThat(intake.fault()).isEqualTo("none");
            assertThat(intake.alerts()).isEqualTo(3L * each);
        }
    }
}
