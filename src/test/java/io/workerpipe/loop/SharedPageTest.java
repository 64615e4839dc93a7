package io.workerpipe.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.workerpipe.roster.Counter;
import io.workerpipe.wire.Packet;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A page of broadcasts comes to each receiver once and whole, and in order with what is sent to one of them. */
@Timeout(300)
class SharedPageTest {
    private static final long LIMIT = 512 << 10;
    private static final int NOBODY = -1;

    private static Surroundings surroundings() throws Exception {
        return new Surroundings(64L * Chunk.BYTES);
    }

    private static Line line(Surroundings around) {
        return new Line(around, 64 << 10, LIMIT, new PageWrites(true), new PageSplices(false));
    }

    private static SharedPage open(Line... lines) {
        return open(List.of(lines));
    }

    private static SharedPage open(List<Line> lines) {
        return SharedPage.open(Directory.empty(), NOBODY, lines.stream().map(line -> line.outbox).toList());
    }

    private static boolean offer(SharedPage page, int number, int length) {
        return page.offer(Line.NAME, MemorySegment.ofArray(Intake.data(0, number, length)));
    }

    private static void assertGets(Line line, int alerts) {
        Intake intake = new Intake(64 << 10);
        assertThat(line.readAll(intake)).as("all written within 60 s").isTrue();
        assertThat(intake.fault()).isEqualTo("none");
        assertThat(intake.alerts()).isEqualTo(alerts);
        assertThat(line.counters.get(Counter.ALERTS_OUT)).isEqualTo(alerts);
    }

    private static void assertAllGivenBack(Surroundings around, Line... lines) throws Exception {
        for (Line line : lines) {
            line.outbox.freeMemory();
        }
        Until.holds("all memory given back", () -> around.pool.taken() == 0);
    }

    @Test
    void shouldComeToEachWhenSealed() throws Exception {
        try (Surroundings around = surroundings();
                Line first = line(around);
                Line second = line(around);
                Line third = line(around)) {
            // It begins in the middle of a page in one of them.
            assertThat(second.offer(Intake.data(1, 0, 100))).isEqualTo(Outbox.Offer.ACCEPTED);
            SharedPage page = open(first, second, third);
            for (int number = 0; number < 5; number++) {
                assertThat(offer(page, number, 10 + number * 100)).isTrue();
            }
            assertThat(first.outbox.drained()).as("written before it is sealed").isFalse();
            page.seal(true);
            page.seal(true);
            assertThat(offer(page, 5, 10)).as("room after it was sealed").isFalse();
            first.outbox.requestFlush();
            second.outbox.requestFlush();
            third.outbox.requestFlush();
            assertGets(first, 5);
            assertGets(second, 6);
            assertGets(third, 5);
            assertAllGivenBack(around, first, second, third);
        }
    }

    @Test
    void shouldComeWhenFullToTheLastByteAndNobodySealsIt() throws Exception {
        try (Surroundings around = surroundings(); Line first = line(around); Line second = line(around)) {
            SharedPage page = open(first, second);
            int whole = Packet.HEADER + Line.NAME.length;
            assertThat(offer(page, 0, 1000)).isTrue();
            assertThat(offer(page, 1, Packet.PAGE - 1000 - 2 * whole)).isTrue();
            assertThat(offer(page, 2, 10)).isFalse();
            assertGets(first, 2);
            assertGets(second, 2);
            assertAllGivenBack(around, first, second);
        }
    }

    @Test
    void shouldTakeNothingMoreOnceSomethingWasSentBehindIt() throws Exception {
        try (Surroundings around = surroundings(); Line first = line(around); Line second = line(around)) {
            SharedPage page = open(first, second);
            assertThat(offer(page, 0, 10)).isTrue();
            assertThat(second.offer(Intake.data(0, 1, 10))).isEqualTo(Outbox.Offer.ACCEPTED);
            assertThat(offer(page, 2, 10)).as("overtakes what was sent").isFalse();
            page = open(first, second);
            assertThat(offer(page, 2, 10)).isTrue();
            assertThat(second.outbox.offerControl((byte) 99)).isEqualTo(Outbox.Offer.ACCEPTED);
            assertThat(offer(page, 3, 10)).as("overtakes a control packet").isFalse();
            page = open(first, second);
            assertThat(second.lend(Intake.data(0, 3, 9000), new CompletableFuture<>()))
                    .isEqualTo(Outbox.Offer.ACCEPTED);
            assertThat(offer(page, 4, 10)).as("overtakes what was lent").isFalse();
            first.outbox.requestFlush();
            Intake intake = new Intake(64 << 10);
            assertThat(second.readAll(intake)).isTrue();
            assertThat(intake.fault()).isEqualTo("none");
            assertThat(intake.alerts()).as("four and a control packet").isEqualTo(5);
        }
    }

    /** Who only has to seal a page writes it to nobody: the writer thread does, though the next page is open by then. */
    @Test
    void shouldBeWrittenAtALookThoughTheNextOneIsOpen() throws Exception {
        // Its writer thread does not run.
        try (Surroundings around = new Surroundings(64L * Chunk.BYTES, false)) {
            Line first = line(around);
            Line second = line(around);
            SharedPage page = open(first, second);
            assertThat(offer(page, 0, 10)).isTrue();
            page.seal(false);
            page = open(first, second);
            assertThat(offer(page, 1, 10)).isTrue();
            Intake intake = new Intake(64 << 10);
            Until.holds("the first page written", () -> {
                assertThat(second.outbox.flushTail(0, second.outbox.isWrittenBySenders())).as("a burst goes on")
                        .isTrue();
                return intake.read(second.pipe.readEnd()) > 0;
            });
            assertThat(intake.alerts()).isEqualTo(1);
            page.seal(true);
            first.outbox.requestFlush();
            assertGets(first, 2);
            assertThat(second.readAll(intake)).isTrue();
            assertThat(intake.alerts()).isEqualTo(2);
            first.close();
            second.close();
        }
    }

    @Test
    void shouldTakeNothingAndHoldUpNobodyWhenOneHasNoRoom() throws Exception {
        try (Surroundings around = surroundings();
                Line first = line(around);
                Line full = line(around);
                Line closed = line(around)) {
            int sent = 0;
            do {
                while (full.offer(Intake.data(0, sent, 4000)) == Outbox.Offer.ACCEPTED) {
                    sent++;
                }
            } while (!full.outbox.awaitingRoom);
            while (full.offer(Intake.data(0, sent, 10)) == Outbox.Offer.ACCEPTED) {
                sent++;
            }
            closed.outbox.finish();
            assertThat(offer(open(first, full), 0, 10)).isFalse();
            assertThat(offer(open(first, closed), 0, 10)).isFalse();
            assertThat(offer(open(closed, first), 0, 10)).isFalse();
            assertThat(first.offer(Intake.data(0, 0, 10))).isEqualTo(Outbox.Offer.ACCEPTED);
            first.outbox.requestFlush();
            assertGets(first, 1);
            assertGets(full, sent);
            assertThat(closed.awaitClosed()).isTrue();
            assertAllGivenBack(around, first, full);
        }
    }

    @Test
    void shouldBeWrittenBeforeAnOutboxIsClosedAndBeCountedAsLostInOneThatIsDiscarded() throws Exception {
        try (Surroundings around = surroundings();
                Line first = line(around);
                Line left = line(around);
                Line gone = line(around)) {
            SharedPage page = open(first, left, gone);
            assertThat(offer(page, 0, 10)).isTrue();
            assertThat(offer(page, 1, 10)).isTrue();
            gone.outbox.discard();
            assertThat(gone.awaitClosed()).isTrue();
            assertThat(gone.counters.get(Counter.LOST_WITH_PEER)).isEqualTo(2);
            assertThat(gone.counters.get(Counter.ALERTS_OUT)).isZero();
            assertThat(offer(page, 2, 10)).isFalse();

            page = open(first, left);
            assertThat(offer(page, 2, 10)).isTrue();
            left.outbox.finish();
            assertThat(offer(page, 3, 10)).isFalse();
            first.outbox.requestFlush();
            assertGets(first, 3);
            assertGets(left, 3);
            assertThat(left.awaitClosed()).isTrue();
            assertAllGivenBack(around, first);
        }
    }

    @Test
    void shouldBringTheOthersWhenOneCannotBeRead() throws Exception {
        try (Surroundings around = surroundings(); Line first = line(around); Line second = line(around)) {
            MemorySegment closed;
            try (Arena arena = Arena.ofConfined()) {
                closed = arena.allocate(100);
            }
            SharedPage page = open(first, second);
            assertThat(offer(page, 0, 10)).isTrue();
            assertThatThrownBy(() -> page.offer(Line.NAME, closed)).isInstanceOf(IllegalStateException.class);
            assertThat(offer(page, 1, 10)).isTrue();
            first.outbox.requestFlush();
            second.outbox.requestFlush();
            assertGets(first, 2);
            assertGets(second, 2);
        }
    }

    /** Threads that send a stream's next alert to all, one after the other: by a shared page, or to each on its own. */
    private static final class Sender {
        private final List<Line> lines;
        private final AtomicReference<SharedPage> current;
        private final ReentrantLock opening;
        private final int stream;
        private final int count;
        private int next;
        private int shared;

        Sender(List<Line> lines, AtomicReference<SharedPage> current, ReentrantLock opening, int stream, int count) {
            this.lines = lines;
            this.current = current;
            this.opening = opening;
            this.stream = stream;
            this.count = count;
        }

        Void run(Random random) throws Exception {
            while (send(random)) {
                if (random.nextInt(500) == 0) {
                    LockSupport.parkNanos(100_000);
                }
            }
            return null;
        }

        /** Under a lock: what one thread sends comes after what the other has sent. */
        private synchronized boolean send(Random random) throws Exception {
            if (next == count) {
                return false;
            }
            byte[] data = Intake.data(stream, next++,
                    Intake.LEAST + random.nextInt(random.nextInt(20) == 0 ? 6000 : 60));
            if (data.length < 1000 && random.nextInt(30) != 0 && share(data)) {
                shared++;
                return true;
            }
            for (Line line : lines) {
                line.send(data);
            }
            return true;
        }

        private boolean share(byte[] data) {
            SharedPage page = current.get();
            if (page != null && page.offer(Line.NAME, MemorySegment.ofArray(data))) {
                return true;
            }
            if (page != null) {
                page.seal(true);
            }
            if (!opening.tryLock()) {
                return false;
            }
            try {
                if (current.get() != page) {
                    return false;
                }
                SharedPage fresh = open(lines);
                current.set(fresh);
                return fresh.offer(Line.NAME, MemorySegment.ofArray(data));
            } finally {
                opening.unlock();
            }
        }
    }

    @Test
    void shouldKeepTheOrderOfThreadsThatBroadcastAndSend() throws Exception {
        long seed = System.nanoTime();
        System.out.println("SharedPageTest seed " + seed);
        try (Surroundings around = surroundings();
                Line a = line(around);
                Line b = line(around);
                Line c = line(around)) {
            List<Line> lines = List.of(a, b, c);
            AtomicReference<SharedPage> current = new AtomicReference<>();
            ReentrantLock opening = new ReentrantLock();
            List<Sender> senders = new ArrayList<>();
            List<Intake> intakes = lines.stream().map(line -> new Intake(64 << 10)).toList();
            int each = 20_000;
            try (ExecutorService threads = Executors.newCachedThreadPool()) {
                List<Future<Void>> sending = new ArrayList<>();
                for (int stream = 0; stream < 3; stream++) {
                    Sender sender = new Sender(lines, current, opening, stream, each);
                    senders.add(sender);
                    for (int thread = 0; thread < 2; thread++) {
                        Random random = new Random(seed + 2 * stream + thread);
                        Callable<Void> run = () -> sender.run(random);
                        sending.add(threads.submit(run));
                    }
                }
                long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
                try {
                    while (intakes.stream().anyMatch(intake -> intake.alerts() < 3L * each)
                            && intakes.stream().allMatch(intake -> intake.faults() == 0)
                            && System.nanoTime() < end) {
                        for (int i = 0; i < lines.size(); i++) {
                            intakes.get(i).read(lines.get(i).pipe.readEnd());
                        }
                        if (sending.stream().allMatch(Future::isDone)) {
                            lines.forEach(line -> line.outbox.requestFlush());
                        }
                    }
                } finally {
                    if (intakes.stream().anyMatch(intake -> intake.alerts() < 3L * each)) {
                        lines.forEach(line -> line.outbox.discard());
                        threads.shutdownNow();
                    }
                }
                for (Intake intake : intakes) {
                    assertThat(intake.fault()).isEqualTo("none");
                }
                for (Future<Void> sent : sending) {
                    sent.get();
                }
            }
            for (int i = 0; i < lines.size(); i++) {
                assertThat(intakes.get(i).alerts()).isEqualTo(3L * each);
                Line line = lines.get(i);
                // Written before they are counted.
                Until.holds("all counted", () -> line.counters.get(Counter.ALERTS_OUT) == 3L * each);
            }
            assertThat(senders.stream().mapToInt(sender -> sender.shared).sum()).as("sent by shared pages")
                    .isPositive();
            assertAllGivenBack(around, a, b, c);
        }
    }
}
