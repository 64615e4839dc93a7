package io.workerpipe.loop;

import static org.assertj.core.api.Assertions.assertThat;

import io.workerpipe.linux.CallState;
import io.workerpipe.linux.Pipe;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Random;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What handlers have sent into a full pipe. The test's thread is the reader thread. */
@Timeout(300)
class DeferredTest {
    /** Several times what the pipe holds, over the ends of several chunks. */
    private static final int ALERTS = 300;
    private static final int ROUNDS = 300;

    private final CallState calls = CallState.ofAuto();
    private int number;

    private static Line line(Surroundings around) {
        return new Line(around, 64 << 10, 8 << 20, new PageWrites(true), new PageSplices(false));
    }

    private static Deferred reader(Surroundings around) {
        Deferred deferred = around.writer.deferred();
        deferred.bind();
        return deferred;
    }

    private void send(Line line, int alerts) {
        for (int i = 0; i < alerts; i++) {
            assertThat(line.outbox.offer(0, Line.NAME, MemorySegment.ofArray(Intake.data(0, number, 1000))))
                    .isEqualTo(Outbox.Offer.ACCEPTED);
            number++;
        }
    }

    private void batch(Deferred deferred, Line line, int alerts) {
        deferred.beginBatch();
        send(line, alerts);
        deferred.endBatch();
    }

    private static void readUntilEmpty(Intake intake, Line line) {
        while (intake.read(line.pipe.readEnd()) > 0) {
        }
    }

    /** Without a writer thread: nobody else could have written on. */
    @Test
    void shouldTryAFullPipeAgainAfterEachBatchAndLoseNothing() throws Exception {
        try (Surroundings around = new Surroundings(64L * Chunk.BYTES, false); Line line = line(around)) {
            Deferred deferred = reader(around);
            Intake intake = new Intake(64 << 10);
            batch(deferred, line, ALERTS);
            int batches = 1;
            while (deferred.waitsForRoom()) {
                assertThat(line.outbox.awaitingRoom).as("left to the writer thread").isFalse();
                assertThat(++batches).as("batches").isLessThan(100);
                readUntilEmpty(intake, line);
                batch(deferred, line, batches % 3);
            }
            assertThat(batches).as("batches").isGreaterThan(3);
            readUntilEmpty(intake, line);
            assertThat(intake.fault()).isEqualTo("none");
            assertThat(intake.alerts()).isEqualTo(number);
            assertThat(around.pool.taken()).as("chunks held").isZero();
        }
    }

    @Test
    void shouldLeaveTheRightToFlushToOthersMeanwhile() throws Exception {
        try (Surroundings around = new Surroundings(64L * Chunk.BYTES); Line line = line(around)) {
            Deferred deferred = reader(around);
            batch(deferred, line, ALERTS);
            assertThat(line.outbox.awaitingRoom).isFalse();
            FutureTask<Void> other = new FutureTask<>(() -> {
                send(line, 1);
                line.outbox.requestFlush();
                return null;
            });
            Thread.ofPlatform().start(other);
            other.get();
            assertThat(line.outbox.awaitingRoom).as("the writer thread waits for room").isTrue();
            // It is at it: the reader thread has nothing to come again for.
            batch(deferred, line, 1);
            assertThat(deferred.waitsForRoom()).isFalse();
            line.assertAllComes(number);
        }
    }

    @Test
    void shouldBeOverdueForTheWriterThreadWhateverTheReaderDoesMeanwhile() throws Exception {
        try (Surroundings around = new Surroundings(64L * Chunk.BYTES); Line line = line(around)) {
            Deferred deferred = reader(around);
            batch(deferred, line, ALERTS);
            assertThat(deferred.waitsForRoom()).isTrue();
            Until.holds("overdue between two batches", deferred::overdue);
            deferred.beginBatch();
            assertThat(deferred.overdue()).as("while a handler runs").isTrue();
            // As the writer thread does, which knows all outboxes of a group.
            line.outbox.requestFlush();
            line.assertAllComes(number);
            deferred.endBatch();
            assertThat(deferred.waitsForRoom()).isFalse();
            assertThat(deferred.isEmpty()).isTrue();
        }
    }

    /** Who of the two comes to the full pipe, and whether the other one is there just then, is chance: hence so often. */
    @Test
    void shouldBringAllWhileSomebodyElseGoesOnAskingForAFlush() throws Exception {
        long seed = System.nanoTime();
        System.out.println("DeferredTest seed " + seed);
        AtomicInteger begun = new AtomicInteger();
        AtomicInteger ended = new AtomicInteger();
        try (Surroundings around = new Surroundings(64L * Chunk.BYTES); Line line = line(around)) {
            Deferred deferred = reader(around);
            Intake intake = new Intake(64 << 10);
            Thread asking = Thread.ofPlatform().daemon().start(() -> {
                Random random = new Random(seed);
                for (int round = 1; round <= ROUNDS; round++) {
                    while (begun.get() < round) {
                        Thread.onSpinWait();
                    }
                    long begin = System.nanoTime() + random.nextInt(50_000);
                    while (ended.get() < round) {
                        if (System.nanoTime() > begin) {
                            line.outbox.requestFlush();
                        }
                    }
                }
            });
            try {
                for (int round = 1; round <= ROUNDS; round++) {
                    begun.set(round);
                    batch(deferred, line, ALERTS);
                    ended.set(round);
                    while (deferred.waitsForRoom()) {
                        readUntilEmpty(intake, line);
                        batch(deferred, line, 0);
                    }
                    assertThat(line.readAll(intake)).as("all written").isTrue();
                }
            } finally {
                ended.set(ROUNDS);
                begun.set(ROUNDS);
                asking.join();
            }
            assertThat(intake.fault()).isEqualTo("none");
            assertThat(intake.alerts()).isEqualTo(number);
        }
    }

    @Test
    void shouldHandOverAtOnceWhatAHandlerWantsFlushed() throws Exception {
        try (Surroundings around = new Surroundings(64L * Chunk.BYTES); Line line = line(around)) {
            Deferred deferred = reader(around);
            deferred.beginBatch();
            send(line, ALERTS);
            assertThat(line.outbox.awaitingRoom).isFalse();
            line.outbox.requestFlush();
            assertThat(line.outbox.awaitingRoom).isTrue();
            deferred.endBatch();
            assertThat(deferred.waitsForRoom()).isFalse();
            line.assertAllComes(number);
        }
    }

    /** Without a writer thread. */
    @Test
    void shouldWriteAsSoonAsThereIsRoomAndTellWhatArrives() throws Exception {
        try (Surroundings around = new Surroundings(64L * Chunk.BYTES, false);
                Line full = line(around);
                Line line = line(around);
                Pipe inbox = Pipe.create()) {
            Deferred deferred = reader(around);
            Intake intake = new Intake(64 << 10);
            deferred.beginBatch();
            send(line, ALERTS);
            full.outbox.offer(0, Line.NAME, MemorySegment.ofArray(new byte[200_000]));
            deferred.endBatch();
            int waits = 0;
            while (!line.outbox.drained()) {
                long written = line.outbox.flushed();
                readUntilEmpty(intake, line);
                assertThat(deferred.awaitRoom(calls, inbox.readEnd())).isFalse();
                assertThat(line.outbox.flushed()).isGreaterThan(written);
                assertThat(line.outbox.awaitingRoom).isFalse();
                waits++;
            }
            readUntilEmpty(intake, line);
            assertThat(waits).isGreaterThan(2);
            assertThat(intake.fault()).isEqualTo("none");
            assertThat(intake.alerts()).isEqualTo(ALERTS);

            try (Arena arena = Arena.ofConfined()) {
                inbox.writeEnd().write(calls, arena.allocate(1), 0, 1);
            }
            assertThat(deferred.awaitRoom(calls, inbox.readEnd())).isTrue();
            assertThat(deferred.waitsForRoom()).as("the other one still").isTrue();
        }
    }

    @Test
    void shouldForgetWhatIsThrownAwayOrHasNoReaderAnyMore() throws Exception {
        try (Surroundings around = new Surroundings(64L * Chunk.BYTES);
                Line discarded = line(around);
                Line broken = line(around);
                Pipe inbox = Pipe.create()) {
            Deferred deferred = reader(around);
            deferred.beginBatch();
            send(discarded, ALERTS);
            send(broken, ALERTS);
            deferred.endBatch();
            discarded.outbox.discard();
            assertThat(discarded.outbox.fd().isOpen()).isFalse();
            broken.pipe.readEnd().close();
            assertThat(deferred.awaitRoom(calls, inbox.readEnd())).isFalse();
            assertThat(deferred.waitsForRoom()).isFalse();
            assertThat(broken.awaitClosed()).isTrue();
            assertThat(broken.outbox.awaitingRoom).isFalse();
        }
    }

    @Test
    void shouldLeaveToTheWriterThreadWhatDoesNotMove() throws Exception {
        try (Surroundings around = new Surroundings(64L * Chunk.BYTES);
                Line line = line(around);
                Pipe inbox = Pipe.create()) {
            Deferred deferred = reader(around);
            batch(deferred, line, ALERTS);
            assertThat(deferred.awaitRoom(calls, inbox.readEnd())).isFalse();
            assertThat(deferred.waitsForRoom()).isFalse();
            assertThat(line.outbox.awaitingRoom).isTrue();
            line.assertAllComes(number);
        }
    }

    /** One that always has something to read does not try for ever. */
    @Test
    void shouldLeaveToTheWriterThreadWhatHasBeenTriedOften() throws Exception {
        try (Surroundings around = new Surroundings(64L * Chunk.BYTES); Line line = line(around)) {
            Deferred deferred = reader(around);
            batch(deferred, line, ALERTS);
            int batches = 0;
            while (deferred.waitsForRoom()) {
                assertThat(++batches).as("batches").isLessThan(200);
                assertThat(line.outbox.awaitingRoom).isFalse();
                batch(deferred, line, 1);
            }
            assertThat(batches).as("batches").isGreaterThan(10);
            assertThat(line.outbox.awaitingRoom).isTrue();
            line.assertAllComes(number);
        }
    }
}
