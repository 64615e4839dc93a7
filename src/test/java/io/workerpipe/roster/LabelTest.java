package io.workerpipe.roster;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class LabelTest {
    @Test
    void shouldKeepWhatFits() {
        for (String label : new String[]{"", "a", "a".repeat(63), "ä".repeat(31), "😀".repeat(15) + "äa"}) {
            assertThat(Label.decode(Label.encode(label))).isEqualTo(label);
        }
    }

    @Test
    void shouldCutBetweenTwoCharacters() {
        assertThat(Label.decode(Label.encode("a".repeat(64)))).isEqualTo("a".repeat(63));
        assertThat(Label.decode(Label.encode("ä".repeat(32)))).isEqualTo("ä".repeat(31));
        for (int before = 0; before < 8; before++) {
            String label = "x".repeat(before) + "😀".repeat(20);

            byte[] cut = Label.encode(label);

            assertThat(cut.length).isBetween(60, 63);
            assertThat(label).startsWith(Label.decode(cut));
        }
    }
}
