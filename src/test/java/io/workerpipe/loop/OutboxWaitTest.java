package io.workerpipe.loop;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Who waits, for what, and who wakes it: nobody waits for ever, and nobody looks again and again. */
@Timeout(300)
class OutboxWaitTest {
    private static final long LIMIT = 512 << 10;
    private static final long LONG = TimeUnit.SECONDS.toNanos(200);

    private int number;

    private static Line line(Surroundings around, int pipeBytes) {
        return new Line(around, pipeBytes, LIMIT, new PageWrites(true), new PageSplices(false));
    }

    private byte[] next(int length) {
        return Intake.data(0, number, length);
    }

    /** With nothing in between: only what follows within microseconds begins a burst. */
    private void sendFast(Line line) throws Exception {
        if (line.offer(next(3000)) != Outbox.Offer.ACCEPTED) {
            throw new AssertionError("not accepted");
        }
        number++;
    }

    /** As fast as it can, until there is no room: what refused the next one. */
    private Outbox.Offer fill(Line line, int length) {
        for (;;) {
            Outbox.Offer offer = line.offer(next(length));
            if (offer != Outbox.Offer.ACCEPTED) {
                return offer;
            }
            number++;
        }
    }

    @Test
    void shouldSleepWhileABurstsReceiverStandsStillAndWriteItsTailWhenItGoesOn() throws Exception {
        try (Surroundings around = new Surroundings(64L * Chunk.BYTES); Line line = line(around, 4096)) {
            Intake intake = new Intake(64 << 10);
            for (int round = 0; round < 5; round++) {
                assertThat(fill(line, 100 + round)).isEqualTo(Outbox.Offer.OUTBOX_FULL);
                Until.sleeps(around.writerName);
                // Nobody sends any more: the writer thread alone brings the rest.
                assertThat(line.readAll(intake)).as("all written within 60 s").isTrue();
                assertThat(intake.fault()).isEqualTo("none");
                assertThat(intake.alerts()).isEqualTo(number);
            }
        }
    }

    /** As poll(2) of a kernel before 6.14 may. */
    @Test
    void shouldWriteOnThoughTheKernelForgetsToSayThatThereIsRoom() throws Exception {
        try (Surroundings around = new Surroundings(64L * Chunk.BYTES); Line line = line(around, 256 << 10)) {
            assertThat(fill(line, 1000)).isEqualTo(Outbox.Offer.OUTBOX_FULL);
            Until.sleeps(around.writerName);
            around.writer.unwatch(line.outbox.fd());
            line.assertAllComes(number);
        }
    }

    @Test
    void shouldSleepWhenABurstIsOver() throws Exception {
        try (Surroundings around = new Surroundings(64L * Chunk.BYTES); Line line = line(around, 0)) {
            for (int i = 0; i < 100; i++) {
                line.offer(next(50));
                number++;
            }
            Until.sleeps(around.writerName);
            line.assertAllComes(number);
        }
    }

    /** The writer thread looks less often at each then; not so where it waits for room. */
    @Test
    void shouldWriteTheTailsOfBurstsToManyReceiversThoughOneStandsStill() throws Exception {
        List<Line> lines = new ArrayList<>();
        try (Surroundings around = new Surroundings(256L * Chunk.BYTES)) {
            for (int i = 0; i < 20; i++) {
                lines.add(line(around, i == 0 ? 4096 : 256 << 10));
            }
            for (int round = 0; round < 3; round++) {
                for (int i = 0; i < 300; i++, number++) {
                    for (Line line : lines) {
                        assertThat(line.offer(next(50))).isEqualTo(Outbox.Offer.ACCEPTED);
                    }
                }
                // Nobody sends any more, and the first one's pipe is full.
                for (Line line : lines.subList(1, lines.size())) {
                    Until.holds("drained", line.outbox::drained);
                }
            }
            Until.holds("as often as for one", () -> around.writer.writeInterval() == Pace.interval(1, 2));
            Until.sleeps(around.writerName);
            for (Line line : lines) {
                line.assertAllComes(number);
            }
            lines.forEach(Line::close);
        }
    }

    private void shouldEndTheWaitForRoom(Consumer<Outbox> close) throws Exception {
        try (Surroundings around = new Surroundings(64L * Chunk.BYTES); Line line = line(around, 4096)) {
            assertThat(fill(line, 1000)).isEqualTo(Outbox.Offer.OUTBOX_FULL);
            FutureTask<Boolean> wait = Until.waiting(() -> line.outbox.awaitRoom(1, 100_000, LONG));
            close.accept(line.outbox);
            assertThat(wait.get(60, TimeUnit.SECONDS)).isTrue();
            assertThat(line.offer(next(10))).isEqualTo(Outbox.Offer.CLOSED);
        }
    }

    private void shouldEndTheWaitForThePool(Consumer<Outbox> close) throws Exception {
        try (Surroundings around = new Surroundings(8L * Chunk.BYTES); Line line = line(around, 4096)) {
            while (around.pool.take() != null) {
                assertThat(around.pool.available()).isNotNegative();
            }
            assertThat(line.offer(next(10))).isEqualTo(Outbox.Offer.POOL_EMPTY);
            FutureTask<Boolean> wait = Until.waiting(() -> line.outbox.awaitPool(1, 10, LONG));
            close.accept(line.outbox);
            assertThat(wait.get(60, TimeUnit.SECONDS)).isTrue();
            assertThat(line.offer(next(10))).isEqualTo(Outbox.Offer.CLOSED);
        }
    }

    @Test
    void shouldEndAllWaitsWhenTheReceiverLeaves() throws Exception {
        shouldEndTheWaitForRoom(Outbox::finish);
        shouldEndTheWaitForThePool(Outbox::finish);
    }

    @Test
    void shouldEndAllWaitsWhenTheReceiverIsGivenUp() throws Exception {
        shouldEndTheWaitForRoom(Outbox::discard);
        shouldEndTheWaitForThePool(Outbox::discard);
    }

    @ParameterizedTest
    @ValueSource(ints = {10, 50_000})
    void shouldWakeWhoWaitsForRoomThoughHalfOfItIsNeverFree(int wanted) throws Exception {
        try (Surroundings around = new Surroundings(64L * Chunk.BYTES); Line line = line(around, 4096)) {
            assertThat(fill(line, 4000)).isEqualTo(Outbox.Offer.OUTBOX_FULL);
            // The last few bytes, too.
            fill(line, 10);
            FutureTask<Boolean> wait = Until.waiting(() -> line.outbox.awaitRoom(1, wanted, LONG));
            Intake intake = new Intake(4096);
            long before = line.outbox.queued();
            Until.holds("a tenth written", () -> {
                intake.read(line.pipe.readEnd());
                return before - line.outbox.queued() >= LIMIT / 8;
            });
            assertThat(line.outbox.queued()).isGreaterThan(LIMIT / 2);
            assertThat(wait.get(60, TimeUnit.SECONDS)).isTrue();
            assertThat(line.readAll(intake)).isTrue();
            assertThat(intake.fault()).isEqualTo("none");
        }
    }

    /** Without a writer thread: nobody else could have written the tail meanwhile. */
    @Test
    void shouldWriteTheTailOfABurstBeforeItRefusesForWantOfRoom() throws Exception {
        try (Surroundings around = new Surroundings(64L * Chunk.BYTES, false);
                Line line = new Line(around, 256 << 10, 2 * Chunk.BYTES, new PageWrites(true),
                        new PageSplices(false))) {
            Intake intake = new Intake(64 << 10);
            Until.holds("a burst whose tail waits", () -> {
                for (int i = 0; i < 10 && line.outbox.queued() < 6000; i++) {
                    sendFast(line);
                }
                intake.read(line.pipe.readEnd());
                return line.outbox.queued() >= 6000;
            });
            int length = (int) (2 * Chunk.BYTES - line.outbox.queued());
            assertThat(line.offer(next(length))).as("there is room in the pipe for all of it")
                    .isEqualTo(Outbox.Offer.ACCEPTED);
            number++;
            line.outbox.requestFlush();
            assertThat(line.readAll(intake)).isTrue();
            assertThat(intake.fault()).isEqualTo("none");
            assertThat(intake.alerts()).isEqualTo(number);
        }
    }

    @Test
    void shouldSayThatAnAlertIsTooLargeForThePoolInsteadOfWaiting() throws Exception {
        try (Surroundings around = new Surroundings(4L * Chunk.BYTES); Line line = line(around, 0)) {
            assertThat(line.offer(next(300_000))).isEqualTo(Outbox.Offer.TOO_LARGE);
            // All of it, but for headers and a page that may have to be padded first.
            assertThat(line.offer(next(250_000))).isEqualTo(Outbox.Offer.ACCEPTED);
            number++;
            line.assertAllComes(number);
        }
    }

    /** Without a writer thread: the burst is never over. */
    @Test
    void shouldTakeTheMemoryThatIsKeptForABurstWhereAnAlertNeedsIt() throws Exception {
        try (Surroundings around = new Surroundings(8L * Chunk.BYTES, false);
                Line line = line(around, 1 << 20)) {
            Intake intake = new Intake(64 << 10);
            Until.holds("a burst", () -> {
                for (int i = 0; i < 10 && line.outbox.queued() == 0; i++) {
                    sendFast(line);
                }
                intake.read(line.pipe.readEnd());
                return line.outbox.queued() > 0;
            });
            // It began with a chunk of its own: 40 KB of it.
            for (int i = 0; i < 13; i++) {
                assertThat(line.offer(next(3000))).isEqualTo(Outbox.Offer.ACCEPTED);
                number++;
            }
            line.outbox.requestFlush();
            assertThat(around.pool.taken()).as("kept").isOne();
            // What is left of it and the seven others are less.
            assertThat(line.offer(next(500_000))).isEqualTo(Outbox.Offer.ACCEPTED);
            number++;
            line.outbox.requestFlush();
            assertThat(line.readAll(intake)).isTrue();
            assertThat(intake.fault()).isEqualTo("none");
            assertThat(intake.alerts()).isEqualTo(number);
        }
    }

    @Test
    void shouldRefuseAndWaitWhereOthersHoldThePoolAndGoOnWhenTheyGiveItBack() throws Exception {
        try (Surroundings around = new Surroundings(4L * Chunk.BYTES);
                Line greedy = line(around, 4096);
                Line second = line(around, 4096);
                Line third = line(around, 4096)) {
            assertThat(fill(greedy, 4000)).isEqualTo(Outbox.Offer.POOL_EMPTY);
            int sent = number;
            for (Line line : new Line[]{second, third}) {
                assertThat(line.offer(Intake.data(0, 0, 10))).isEqualTo(Outbox.Offer.POOL_EMPTY);
                assertThat(line.offer(Intake.data(0, 0, 150_000))).isEqualTo(Outbox.Offer.POOL_EMPTY);
            }
            FutureTask<Boolean> small = Until.waiting(() -> {
                second.send(Intake.data(0, 0, 10));
                return true;
            });
            FutureTask<Boolean> large = Until.waiting(() -> {
                third.send(Intake.data(0, 0, 150_000));
                return true;
            });
            Intake intake = new Intake(64 << 10);
            assertThat(greedy.readAll(intake)).isTrue();
            assertThat(intake.alerts()).isEqualTo(sent);
            for (Line line : new Line[]{second, third}) {
                (line == second ? small : large).get(60, TimeUnit.SECONDS);
                Intake other = new Intake(64 << 10);
                assertThat(line.readAll(other)).isTrue();
                assertThat(other.fault()).isEqualTo("none");
                assertThat(other.alerts()).isEqualTo(1);
            }
            Until.holds("all memory given back", () -> around.pool.taken() == 0);
        }
    }
}
