package io.workerpipe.bench.process;

import static org.assertj.core.api.Assertions.assertThat;

import io.workerpipe.bench.performer.Look;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class MeasurementTest {
    private final AtomicInteger looks = new AtomicInteger();

    private Look look() {
        return new Look(System.nanoTime(), looks.incrementAndGet(), 0, 7);
    }

    @Test
    void shouldLookWhenTheWindowBeginsAndWhenItEnds() throws Exception {
        long from = System.nanoTime() + 20_000_000;
        String[] answer = Measurement.take(from, from + 30_000_000, this::look, Look::line).split(";");
        Look before = Look.parse(answer[0]);
        Look after = Look.parse(answer[1]);
        assertThat(answer).hasSize(2);
        assertThat(before.nanoTime()).isGreaterThanOrEqualTo(from);
        assertThat(after.nanoTime()).isGreaterThanOrEqualTo(from + 30_000_000);
        assertThat(List.of(before.alerts(), after.alerts())).containsExactly(1L, 2L);
    }

    @Test
    void shouldAnswerAtOnceWhenTheWindowIsOver() throws Exception {
        assertThat(Measurement.take(0, 0, this::look, Look::line)).matches("\\d+ 1 0 7;\\d+ 2 0 7");
    }

    @Test
    void shouldAddUpRatesEachByItsOwnClock() {
        List<Look> before = List.of(new Look(0, 100, 0, 0), new Look(1_000_000, 5, 0, 0));
        List<Look> after = List.of(new Look(500_000_000, 1_100, 0, 0), new Look(1_001_000_000, 3_005, 0, 0));
        assertThat(Counted.rate(before, after)).isEqualTo(2_000 + 3_000);
    }
}
