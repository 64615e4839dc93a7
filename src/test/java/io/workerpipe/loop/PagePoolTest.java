package io.workerpipe.loop;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
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
    void shouldGiveBackWhatCameLastWithNothingPublishedInIt() {
        try (PagePool pool = new PagePool(4 * Chunk.BYTES)) {
            Chunk first = pool.take();
            Chunk second = pool.take();
            second.publish(3, 100, 1);
            pool.give(first);
            pool.give(second);
            Chunk again = pool.take();
            assertThat(again).isSameAs(second);
            assertThat(again.published(3)).isZero();
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
                Callable<Void> run = () -> {
                    for (int i = 0; i < 100_000; i++) {
                        Chunk chunk = pool.take();
                        if (chunk != null) {
                            assertThat(holders.incrementAndGet(chunk.index)).isEqualTo(1);
                            if (ThreadLocalRandom.current().nextInt(16) == 0) {
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
}
