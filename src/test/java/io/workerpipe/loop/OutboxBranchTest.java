package io.workerpipe.loop;

import static org.assertj.core.api.Assertions.assertThat;

import io.workerpipe.roster.Counter;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Each way in which pages go into a pipe is forced, with more bytes than outbox, pool and pipe hold many times over: all
 * that was accepted comes, in order, each byte of it right, is counted once, and then no memory is held.
 */
@Timeout(300)
class OutboxBranchTest {
    private static final long LIMIT = 512 << 10;

    /** How pages go into the pipe. */
    enum Way {
        MANY_PAGES, ONE_PAGE, BY_REFERENCE, ONE_PAGE_FROM_THE_MIDDLE_ON
    }

    enum Sizes {
        SMALL, ALL, LARGE
    }

    private final long seed = System.nanoTime();

    private record Sent(Line line, int threads, int each, Sizes sizes) {
        int alerts() {
            return threads * each;
        }
    }

    private static int length(Random random, Sizes sizes) {
        if (sizes == Sizes.LARGE) {
            return 10_000 + random.nextInt(90_000);
        }
        if (sizes == Sizes.SMALL) {
            return Intake.LEAST + random.nextInt(200);
        }
        int kind = random.nextInt(100);
        int most = kind < 60 ? 100 : kind < 90 ? 4100 : kind < 99 ? 30_000 : 250_000;
        return Intake.LEAST + random.nextInt(most);
    }

    /** One thread's alerts; some of them are lent. */
    private Void send(Sent sent, int stream) throws Exception {
        Random random = new Random(seed + stream);
        for (int number = 0; number < sent.each; number++) {
            byte[] data = Intake.data(stream, number, length(random, sent.sizes));
            boolean lent = sent.sizes != Sizes.SMALL && random.nextInt(50) == 0
                    && sent.line.lend(data, new CompletableFuture<>()) == Outbox.Offer.ACCEPTED;
            if (!lent) {
                sent.line.send(data);
            }
        }
        return null;
    }

    /** Sends from several threads while this one reads, which sometimes does something else. */
    private void run(Sent sent, Surroundings around, Runnable inTheMiddle) throws Exception {
        System.out.println("seed " + seed);
        Random random = new Random(seed);
        Intake intake = new Intake(random.nextBoolean() ? 10_000 : 256 << 10);
        List<Future<Void>> sending = new ArrayList<>();
        AtomicBoolean sentAll = new AtomicBoolean();
        try (ExecutorService threads = Executors.newFixedThreadPool(sent.threads)) {
            try {
                for (int thread = 0; thread < sent.threads; thread++) {
                    int stream = thread;
                    Callable<Void> run = () -> send(sent, stream);
                    sending.add(threads.submit(run));
                }
                boolean done = false;
                while (intake.alerts() < sent.alerts() && intake.faults() == 0
                        && !(sentAll.get() && sent.line.outbox.isClosed())) {
                    if (!done && intake.alerts() > sent.alerts() / 3) {
                        done = true;
                        inTheMiddle.run();
                    }
                    if (random.nextInt(200) == 0) {
                        LockSupport.parkNanos(2_000_000);
                    }
                    if (intake.read(sent.line.pipe.readEnd()) < 0) {
                        LockSupport.parkNanos(20_000);
                    }
                    for (Future<Void> future : sending) {
                        if (future.isDone()) {
                            future.get();
                        }
                    }
                }
            } finally {
                if (intake.alerts() < sent.alerts()) {
                    // Nobody reads any more: senders must not wait on.
                    sent.line.outbox.discard();
                    threads.shutdownNow();
                }
            }
        }
        assertThat(intake.fault()).isEqualTo("none");
        assertThat(intake.alerts()).isEqualTo(sent.alerts());
        assertThat(sent.line.counters.get(Counter.ALERTS_OUT)).isEqualTo(sent.alerts());
        assertThat(sent.line.counters.get(Counter.LOST_WITH_PEER)).isZero();
        Until.holds("all memory given back", () -> around.pool.taken() == 0);
    }

    @ParameterizedTest
    @CsvSource({"MANY_PAGES, 4096", "MANY_PAGES, 65536", "MANY_PAGES, 262144", "ONE_PAGE, 4096", "ONE_PAGE, 65536",
            "ONE_PAGE_FROM_THE_MIDDLE_ON, 65536"})
    void shouldBringAllRightByEachWayWhenPoolAndWindowAreSmall(Way way, int pipeBytes) throws Exception {
        PageWrites writes = new PageWrites(way != Way.ONE_PAGE);
        // Hardly more than the largest alert needs: senders wait for the pool too.
        try (Surroundings around = new Surroundings(10 * Chunk.BYTES);
                Line line = new Line(around, pipeBytes, LIMIT, writes, new PageSplices(false))) {
            run(new Sent(line, 4, 1200, Sizes.ALL), around, () -> {
                if (way == Way.ONE_PAGE_FROM_THE_MIDDLE_ON) {
                    writes.check(8192, 5000);
                }
            });
            assertThat(writes.many()).isEqualTo(way == Way.MANY_PAGES);
        }
    }

    /** Chunks go round between the two, at the same parts of their streams, and senders remember where they have been. */
    @Test
    void shouldKeepTwoStreamsApartThatShareAFewChunks() throws Exception {
        System.out.println("seed " + seed);
        int each = 60_000;
        try (Surroundings around = new Surroundings(5 * Chunk.BYTES);
                Line first = shared(around);
                Line second = shared(around);
                ExecutorService threads = Executors.newFixedThreadPool(2)) {
            List<Line> lines = List.of(first, second);
            List<Intake> intakes = List.of(new Intake(20_000), new Intake(20_000));
            List<Future<Void>> sending = new ArrayList<>();
            try {
                for (int thread = 0; thread < 2; thread++) {
                    int stream = 2 * thread;
                    Random random = new Random(seed + thread);
                    Callable<Void> run = () -> {
                        for (int number = 0; number < each; number++) {
                            int length = Intake.LEAST + random.nextInt(100);
                            first.send(Intake.data(stream, number, length));
                            second.send(Intake.data(stream + 1, number, length));
                        }
                        return null;
                    };
                    sending.add(threads.submit(run));
                }
                while (intakes.stream().anyMatch(intake -> intake.alerts() < 2 * each)
                        && intakes.stream().allMatch(intake -> intake.faults() == 0)) {
                    boolean idle = true;
                    for (int i = 0; i < 2; i++) {
                        idle &= intakes.get(i).read(lines.get(i).pipe.readEnd()) < 0;
                    }
                    if (idle) {
                        LockSupport.parkNanos(20_000);
                    }
                    for (Future<Void> future : sending) {
                        if (future.isDone()) {
                            future.get();
                        }
                    }
                }
            } finally {
                lines.forEach(line -> line.outbox.discard());
                threads.shutdownNow();
            }
            for (Intake intake : intakes) {
                assertThat(intake.fault()).isEqualTo("none");
                assertThat(intake.alerts()).isEqualTo(2 * each);
            }
        }
    }

    private static Line shared(Surroundings around) {
        return new Line(around, 65536, 2 * Chunk.BYTES, new PageWrites(true), new PageSplices(false));
    }

    @ParameterizedTest
    @CsvSource({"4096, LARGE, 500", "65536, LARGE, 500", "262144, LARGE, 500", "65536, ALL, 3000", "4096, SMALL, 20000",
            "65536, SMALL, 20000", "262144, SMALL, 20000"})
    void shouldNotTouchPagesThatASlowReaderHasStillToRead(int pipeBytes, Sizes sizes, int each) throws Exception {
        PageSplices splices = PageSplices.forced();
        HotPool pool = new HotPool();
        try (Surroundings around = new Surroundings(pool, true);
                Line line = new Line(around, pipeBytes, LIMIT, new PageWrites(true), splices)) {
            run(new Sent(line, 2, each, sizes), around, () -> {});
            assertThat(splices.calls()).as("writes by reference").isPositive();
            assertThat(pool.rested).as("memory that would have rested").hasPositiveValue();
        }
    }

    @Test
    void shouldGoByReferenceOnlyAfterSoMuchOfABurst() throws Exception {
        PageSplices splices = PageSplices.forced(1 << 20);
        try (Surroundings around = new Surroundings(64L * Chunk.BYTES);
                Line line = new Line(around, 65536, LIMIT, new PageWrites(true), splices)) {
            Intake intake = new Intake(256 << 10);
            for (int burst = 0; burst < 8; burst++) {
                sendAndRead(line, intake, 1000);
                Until.holds("all memory given back", () -> around.pool.taken() == 0);
            }
            assertThat(line.counters.get(Counter.BYTES_OUT)).isGreaterThan(3 << 19);
            assertThat(splices.calls()).as("in short bursts").isZero();
            Until.holds("a long burst by reference", () -> {
                sendAndRead(line, intake, 1000);
                return splices.calls() > 0;
            });
        }
    }

    private static void sendAndRead(Line line, Intake intake, int count) throws InterruptedException {
        int end = (int) intake.alerts() + count;
        for (int number = end - count; number < end; number++) {
            line.send(Intake.data(0, number, 200));
        }
        while (intake.alerts() < end) {
            if (intake.read(line.pipe.readEnd()) < 0) {
                line.outbox.requestFlush();
            }
            assertThat(intake.fault()).isEqualTo("none");
        }
    }

    /** Memory is used again as soon as it may be. */
    private static final class HotPool extends PagePool {
        final AtomicInteger rested = new AtomicInteger();

        HotPool() {
            super(64L * Chunk.BYTES);
        }

        @Override
        Chunk takeRested() {
            rested.incrementAndGet();
            return take();
        }
    }

    @Test
    void shouldBringAllRightWhenSixtyFourThreadsSend() throws Exception {
        try (Surroundings around = new Surroundings(16 * Chunk.BYTES);
                Line line = new Line(around, 0, LIMIT, new PageWrites(true), new PageSplices(false))) {
            run(new Sent(line, Intake.STREAMS, 200, Sizes.ALL), around, () -> {});
        }
    }
}
