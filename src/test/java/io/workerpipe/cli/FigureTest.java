package io.workerpipe.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(300)
class FigureTest {
    @Test
    void shouldNameThousandsAndRoundAcrossThem() {
        assertThat(Figure.of(0)).isEqualTo("0");
        assertThat(Figure.of(0.5)).isEqualTo("0.5");
        assertThat(Figure.of(7)).isEqualTo("7");
        assertThat(Figure.of(9.96)).isEqualTo("10");
        assertThat(Figure.of(999.4)).isEqualTo("999");
        assertThat(Figure.of(999.6)).isEqualTo("1.00k");
        assertThat(Figure.of(12_345)).isEqualTo("12.3k");
        assertThat(Figure.of(999_499)).isEqualTo("999k");
        assertThat(Figure.of(999_500)).isEqualTo("1.00M");
        assertThat(Figure.of(Long.MAX_VALUE)).isEqualTo("9.22E");
    }

    @Test
    void shouldNeverBeLongerThanFiveCharacters() {
        long seed = System.nanoTime();
        System.out.println("seed " + seed);
        Random random = new Random(seed);
        for (int i = 0; i < 10_000; i++) {
            double value = Math.pow(10, random.nextDouble() * 19 - 1);
            assertThat(Figure.of(value).length()).as("%s is %s", value, Figure.of(value)).isLessThanOrEqualTo(5);
        }
    }

    @Test
    void shouldTellAgesInWholeUnits() {
        assertThat(Figure.ofAge(-5)).isEqualTo("0s");
        assertThat(Figure.ofAge(99_999)).isEqualTo("99s");
        assertThat(Figure.ofAge(100_000)).isEqualTo("1m");
        assertThat(Figure.ofAge(100 * 60_000)).isEqualTo("1h");
        assertThat(Figure.ofAge(100 * 3_600_000L)).isEqualTo("4d");
    }
}
