package io.workerpipe.loop;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(300)
class PagePoolTest {
    @Test
    void shouldGiveEachChunkOnceAndNoneBeyondTheLimit() {
        try (PagePool pool = new PagePool(4 * Chunk.BYTES)) {
            Set<Integer> seen = new HashSet<>();
            for (int i = 0; i < 4; i++) {
                assertThat(seen.add(pool.take().index)).isTrue();
            }
            assertThat(pool.take()).isNull();
            assertThat(pool.available()).isZero();
        }
    }

    @Test
    void shouldGiveWhatLiesFirstWithNothingPublishedInIt() {
        try (PagePool pool = new PagePool(4 * Chunk.BYTES)) {
            Chunk first = pool.take();
            Chunk second = pool.take();
            first.publish(3, 100, 1);
            pool.give(second);
            pool.give(first);
            Chunk again = pool.take();
            assertThat(again).isSameAs(first);
            assertThat(again.published(3)).isZero();
        }
    }

    @Test
    void shouldGiveAllOthersBeforeOneThatWasJustGivenBackWhenAskedForARestedOne() {
        try (PagePool pool = new PagePool(2L * PagePool.TURNS * Chunk.BYTES)) {
            Chunk inUse = pool.takeRested();
            Set<Integer> seen = new HashSet<>();
            for (int i = 1; i < PagePool.TURNS; i++) {
                Chunk chunk = pool.takeRested();
                assertThat(seen.add(chunk.index)).isTrue();
                pool.give(chunk);
            }
            assertThat(seen).doesNotContain(inUse.index).allMatch(index -> index < PagePool.TURNS);
            assertThat(pool.takeRested().index).as("the one that has been free for longest").isEqualTo(1);
            assertThat(pool.take().index).as("the one that lies first").isEqualTo(2);
        }
    }

    /** Takes as many as take turns, those that lie first. */
    private static List<Chunk> holdTurns(PagePool pool) {
        return Stream.generate(pool::take).limit(PagePool.TURNS).toList();
    }

    /** Which chunks take turns, when each is given back at once. */
    private static Set<Integer> turns(PagePool pool) {
        Set<Integer> seen = new HashSet<>();
        for (int i = 0; i < PagePool.TURNS; i++) {
            Chunk chunk = pool.takeRested();
            seen.add(chunk.index);
            pool.give(chunk);
        }
        return seen;
    }

    /** A receiver that stands still: what is sent to others has to rest all the same. */
    @Test
    void shouldLetAsManyTakeTurnsThoughSomebodyHoldsAllThatLiesFirst() {
        try (PagePool pool = new PagePool(4L * PagePool.TURNS * Chunk.BYTES)) {
            List<Chunk> held = holdTurns(pool);
            for (int round = 0; round < 3; round++) {
                assertThat(turns(pool)).hasSize(PagePool.TURNS).allMatch(index -> index < 2 * PagePool.TURNS);
            }
            assertThat(pool.giveBack()).as("all was needed since the last look").isFalse();
            held.forEach(pool::give);
            assertThat(turns(pool)).hasSize(PagePool.TURNS).allMatch(index -> index < PagePool.TURNS);
            int calls = 0;
            while (pool.giveBack()) {
                calls++;
            }
            assertThat(calls).as("what was needed beside the held ones, but not since").isEqualTo(4);
            assertThat(pool.real()).isEqualTo(PagePool.TURNS);
        }
    }

    @Test
    void shouldGiveAllChunksEachOnceWhenAskedForRestedOnesOnly() {
        int chunks = PagePool.TURNS + PagePool.GROUP + 3;
        try (PagePool pool = new PagePool((long) chunks * Chunk.BYTES)) {
            Set<Integer> taken = new HashSet<>();
            for (int i = 0; i < chunks; i++) {
                assertThat(taken.add(pool.takeRested().index)).isTrue();
            }
            assertThat(pool.takeRested()).isNull();
            assertThat(pool.available()).isZero();
        }
    }

    @Test
    void shouldKeepWhatTakesTurnsThoughFewAreInUseAtATime() {
        try (PagePool pool = new PagePool(2L * PagePool.TURNS * Chunk.BYTES)) {
            for (int i = 0; i < PagePool.TURNS; i++) {
                Chunk chunk = pool.takeRested();
                chunk.memory.fill((byte) 1);
                pool.give(chunk);
            }
            assertThat(pool.giveBack()).isFalse();
            assertThat(pool.real()).isEqualTo(PagePool.TURNS);
            int calls = 0;
            while (pool.giveBack()) {
                calls++;
            }
            assertThat(calls).as("not needed since then").isEqualTo(3);
            assertThat(pool.real()).isEqualTo(PagePool.GROUP);
        }
    }

    @Test
    void shouldKeepWhatWasInUseAtTheLastLook() {
        try (PagePool pool = new PagePool(4L * PagePool.TURNS * Chunk.BYTES)) {
            List<Chunk> held = holdTurns(pool);
            assertThat(pool.giveBack()).as("taken").isFalse();
            assertThat(pool.giveBack()).as("in use").isFalse();
            held.forEach(pool::give);
            assertThat(pool.giveBack()).as("was in use").isFalse();
            assertThat(pool.real()).isEqualTo(PagePool.TURNS);
            assertThat(pool.giveBack()).as("not needed since then").isTrue();
        }
    }

    @Test
    void shouldGiveTheLastFreeChunkWhoeverAsksForARestedOne() {
        try (PagePool pool = new PagePool(4 * Chunk.BYTES)) {
            Set<Chunk> taken = new HashSet<>();
            for (int i = 0; i < 4; i++) {
                assertThat(taken.add(pool.takeRested())).isTrue();
            }
            assertThat(pool.takeRested()).isNull();
            Chunk any = taken.iterator().next();
            pool.give(any);
            assertThat(pool.takeRested()).isSameAs(any);
        }
    }

    @Test
    void shouldNeverGiveAChunkToTwoAtATimeWhenManyThreadsTakeAndGive() throws Exception {
        int chunks = 8;
        AtomicIntegerArray holders = new AtomicIntegerArray(chunks);
        try (PagePool pool = new PagePool((long) chunks * Chunk.BYTES);
                ExecutorService threads = Executors.newFixedThreadPool(8)) {
            List<Future<Void>> runs = new ArrayList<>();
            for (int t = 0; t < 8; t++) {
                boolean rested = t % 2 == 0;
                Callable<Void> run = () -> {
                    for (int i = 0; i < 100_000; i++) {
                        Chunk chunk = rested ? pool.takeRested() : pool.take();
                        if (chunk != null) {
                            assertThat(holders.incrementAndGet(chunk.index)).isEqualTo(1);
                            if (ThreadLocalRandom.current().nextInt(256) == 0) {
                                Thread.yield();
                            }
                            holders.decrementAndGet(chunk.index);
                            pool.give(chunk);
                        }
                    }
                    return null;
                };
                runs.add(threads.submit(run));
            }
            for (Future<Void> run : runs) {
                run.get();
            }
            assertThat(pool.taken()).isZero();
            assertThat(pool.available()).isEqualTo(chunks);
        }
    }

    @Test
    void shouldGiveBackToTheSystemWhatWasNotNeededSinceTheLastLook() {
        int chunks = 3 * PagePool.GROUP;
        try (PagePool pool = new PagePool((long) chunks * Chunk.BYTES)) {
            List<Chunk> taken = new ArrayList<>();
            for (int i = 0; i < chunks; i++) {
                Chunk chunk = pool.take();
                chunk.memory.fill((byte) 1);
                taken.add(chunk);
            }
            taken.forEach(pool::give);
            assertThat(pool.giveBack()).as("all of it was needed since the last look").isFalse();
            assertThat(pool.real()).isEqualTo(chunks);
            int calls = 1;
            while (pool.giveBack()) {
                calls++;
            }
            assertThat(calls).as("a little at a time").isEqualTo(3);
            assertThat(pool.real()).isEqualTo(PagePool.GROUP);
            Set<Chunk> again = new HashSet<>();
            int empty = 0;
            for (int i = 0; i < chunks; i++) {
                Chunk chunk = pool.take();
                assertThat(again.add(chunk)).isTrue();
                empty += chunk.memory.get(ValueLayout.JAVA_BYTE, Chunk.BYTES - 1) == 0 ? 1 : 0;
            }
            assertThat(empty).isEqualTo(chunks - PagePool.GROUP);
            assertThat(pool.real()).isEqualTo(chunks);
            assertThat(pool.take()).isNull();
        }
    }

    @Test
    void shouldNeverGiveBackToTheSystemWhatIsInUse() throws Exception {
        int threads = 4;
        int most = 2 * PagePool.GROUP;
        AtomicInteger running = new AtomicInteger(threads);
        AtomicInteger gaveBack = new AtomicInteger();
        try (PagePool pool = new PagePool((long) threads * most * Chunk.BYTES);
                ExecutorService senders = Executors.newFixedThreadPool(threads)) {
            List<Future<Void>> runs = new ArrayList<>();
            for (int t = 0; t < threads; t++) {
                long stamp = t + 1;
                boolean rested = t % 2 == 0;
                Callable<Void> run = () -> {
                    try {
                        List<Chunk> taken = new ArrayList<>();
                        for (int i = 0; i < 300 || gaveBack.get() == 0; i++) {
                            for (int j = ThreadLocalRandom.current().nextInt(most); j > 0; j--) {
                                Chunk chunk = rested ? pool.takeRested() : pool.take();
                                chunk.memory.set(ValueLayout.JAVA_LONG, 4096, stamp);
                                taken.add(chunk);
                            }
                            for (Chunk chunk : taken) {
                                assertThat(chunk.memory.get(ValueLayout.JAVA_LONG, 4096)).isEqualTo(stamp);
                                pool.give(chunk);
                            }
                            taken.clear();
                        }
                        return null;
                    } finally {
                        running.decrementAndGet();
                    }
                };
                runs.add(senders.submit(run));
            }
            while (running.get() != 0) {
                if (pool.giveBack()) {
                    gaveBack.incrementAndGet();
                }
            }
            for (Future<Void> run : runs) {
                run.get();
            }
            assertThat(pool.taken()).isZero();
            Set<Chunk> all = new HashSet<>();
            for (int i = 0; i < threads * most; i++) {
                assertThat(all.add(pool.take())).isTrue();
            }
        }
    }
}
