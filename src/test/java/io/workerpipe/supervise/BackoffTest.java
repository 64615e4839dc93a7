package io.workerpipe.supervise;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(300)
class BackoffTest {
    private final Backoff backoff = new Backoff(Duration.ofMillis(100), Duration.ofMillis(500), Duration.ofSeconds(10));

    @Test
    void shouldGrowToItsLimitWhenAWorkerKeepsDying() {
        Duration brief = Duration.ofSeconds(9);
        assertThat(backoff.pause(brief)).hasMillis(100);
        assertThat(backoff.pause(brief)).hasMillis(200);
        assertThat(backoff.pause(brief)).hasMillis(400);
        assertThat(backoff.pause(brief)).hasMillis(500);
        assertThat(backoff.pause(brief)).hasMillis(500);
    }

    @Test
    void shouldBeginAnewWhenAWorkerWasStable() {
        backoff.pause(Duration.ZERO);
        backoff.pause(Duration.ZERO);
        assertThat(backoff.pause(Duration.ofSeconds(10))).hasMillis(100);
        assertThat(backoff.pause(Duration.ZERO)).hasMillis(200);
    }
}
