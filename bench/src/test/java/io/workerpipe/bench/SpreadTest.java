package io.workerpipe.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class SpreadTest {
    @Test
    void shouldTakeTheMiddleOneOfAnOddNumber() {
        assertThat(Spread.of(List.of(9.0, 1.0, 4.0))).isEqualTo(new Spread(4, 1, 9));
    }

    @Test
    void shouldTakeTheMeanOfTheMiddleTwoOfAnEvenNumber() {
        assertThat(Spread.of(List.of(9.0, 1.0, 4.0, 5.0))).isEqualTo(new Spread(4.5, 1, 9));
    }

    @Test
    void shouldSayNothingOfASpreadThatThereIsNot() {
        assertThat(Spread.of(List.of(2.0)).text()).isEqualTo("2.00");
        assertThat(Spread.of(List.of(1.0, 2.0, 3.0)).text()).isEqualTo("2.00 (1.00 to 3.00)");
    }
}
