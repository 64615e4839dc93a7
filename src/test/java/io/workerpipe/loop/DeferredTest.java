package io.workerpipe.loop;

import static org.assertj.core.api.Assertions.assertThat;

import io.workerpipe.linux.CallState;
import io.workerpipe.linux.Pipe;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What handlers have sent into a full pipe. The test's thread is the reader thread. */
@Timeout(300)
class DeferredTest {
    /** Several times what the pipe holds, over the ends of several chunks. */
    private static final int ALERTS = 300;

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

    /** So it is written by that, as all that handlers leave lying. */
    @Test
    void shouldBeOverdueForTheWriterThreadWhileAHandlerRuns() throws Exception {
        try (Surroundings around = new Surroundings(64L * Chunk.BYTES); Line line = line(around)) {
            Deferred deferred = reader(around);
            batch(deferred, line, ALERTS);
            assertThat(deferred.waitsForRoom()).isTrue();
            assertThat(deferred.isEmpty()).as("nothing to look at between batches").isTrue();
            deferred.beginBatch();
            assertThat(deferred.isEmpty()).isFalse();
            Until.holds("overdue", deferred::overdue);
            line.outbox.requestFlush();
            line.assertAllComes(number);
            deferred.endBatch();
            assertThat(deferred.waitsForRoom()).isFalse();
            assertThat(deferred.overdue()).isFalse();
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
                Line line = line(around);
                Pipe inbox = Pipe.create()) {
            Deferred deferred = reader(around);
            batch(deferred, line, ALERTS);
            Intake intake = new Intake(64 << 10);
            FutureTask<Void> receiver = new FutureTask<>(() -> {
                Until.holds("all read", () -> {
                    intake.read(line.pipe.readEnd());
                    return intake.alerts() == ALERTS || intake.faults() != 0;
                });
                return null;
            });
            Thread.ofPlatform().daemon().start(receiver);
            while (deferred.waitsForRoom()) {
                assertThat(deferred.awaitRoom(calls, inbox.readEnd())).isFalse();
            }
            if (line.outbox.awaitingRoom) {
                // The receiver has not run for a while.
                Until.holds("written", () -> line.outbox.flushAsWriter() == Outbox.Flush.DRAINED);
            }
            receiver.get();
            assertThat(intake.fault()).isEqualTo("none");

            batch(deferred, line, ALERTS);
            try (Arena arena = Arena.ofConfined()) {
                inbox.writeEnd().write(calls, arena.allocate(1), 0, 1);
            }
            assertThat(deferred.awaitRoom(calls, inbox.readEnd())).isTrue();
            assertThat(deferred.waitsForRoom()).as("still").isTrue();
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
