package io.workerpipe.loop;

import static org.assertj.core.api.Assertions.assertThat;

import io.workerpipe.process.Await;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(300)
class SpareTest {
    private static final Duration LIMIT = Duration.ofSeconds(30);

    /** Looks are some seconds apart, so that what was needed a moment ago is kept. */
    @Test
    void shouldAskEachOnceALookAndAgainOnlyThoseThatHaveMore() throws Exception {
        AtomicInteger slices = new AtomicInteger();
        AtomicInteger others = new AtomicInteger();
        Spare large = () -> slices.incrementAndGet() % 4 != 0;
        Spare small = () -> {
            others.incrementAndGet();
            return false;
        };
        try (Surroundings around = new Surroundings(1 << 20, true, large, small)) {
            assertThat(around.pool.taken()).isZero();
            Await.until("asked", LIMIT, () -> slices.get() >= 4 && others.get() >= 1);
            assertThat(others).hasValue(1);
            assertThat(slices).hasValue(4);
        }
    }
}
