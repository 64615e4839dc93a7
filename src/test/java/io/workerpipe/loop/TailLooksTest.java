package io.workerpipe.loop;

import static io.workerpipe.loop.TailLooks.FIRST_NANOS;
import static io.workerpipe.loop.TailLooks.MOST_NANOS;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class TailLooksTest {
    private static final long JUST_NOW = 30_000;

    private long now = 1_000_000_007L;
    private final TailLooks looks = new TailLooks(now);

    @Test
    void shouldLookLaterEachTimeButNotMuchLaterThanTheBurstHasLasted() {
        long begun = now;
        assertThat(looks.interval()).isEqualTo(FIRST_NANOS);
        for (int look = 0; look < 6; look++) {
            long before = looks.interval();
            lookWhenDue(false);
            assertThat(looks.interval()).isGreaterThan(before)
                    .isLessThanOrEqualTo(FIRST_NANOS + (now - begun) / 4);
        }
        for (int look = 0; look < 9; look++) {
            lookWhenDue(false);
        }
        assertThat(looks.interval()).isEqualTo(MOST_NANOS / 2);
    }

    @Test
    void shouldLookSoonAgainWhenThatWasNeeded() {
        lookWhenDue(false);
        lookWhenDue(false);
        assertThat(looks.interval()).isGreaterThan(FIRST_NANOS);
        looks.looked(now + 1, true, JUST_NOW);
        assertThat(looks.interval()).isEqualTo(FIRST_NANOS);
        looks.looked(now + FIRST_NANOS, false, JUST_NOW);
        assertThat(looks.interval()).as("not due before %d", now + 1 + FIRST_NANOS).isEqualTo(FIRST_NANOS);
        looks.looked(now + 1 + FIRST_NANOS, false, JUST_NOW);
        assertThat(looks.interval()).isGreaterThan(FIRST_NANOS);
    }

    @Test
    void shouldNotLookLaterBecauseItIsWokenOften() {
        for (int woken = 0; woken < 100; woken++) {
            looks.looked(now += FIRST_NANOS / 100 - 1, false, JUST_NOW);
        }
        assertThat(looks.interval()).isEqualTo(FIRST_NANOS);
    }

    @Test
    void shouldLookNoLaterWhereSendersWriteRarely() {
        for (int look = 0; look < 9; look++) {
            looks.looked(now += looks.interval(), false, MOST_NANOS);
            assertThat(looks.interval()).isEqualTo(FIRST_NANOS);
        }
    }

    @Test
    void shouldNotSeeThatASenderHasStoppedWhoHasWrittenWithinAnInterval() {
        assertThat(looks.unseen(JUST_NOW)).isEqualTo(FIRST_NANOS);
        assertThat(looks.unseen(3 * FIRST_NANOS)).isEqualTo(3 * FIRST_NANOS);
        for (int look = 0; look < 20; look++) {
            lookWhenDue(false);
            assertThat(looks.unseen(JUST_NOW)).isEqualTo(looks.interval());
        }
        assertThat(looks.interval() + looks.unseen(JUST_NOW)).as("what a tail may wait for").isEqualTo(MOST_NANOS);
    }

    private void lookWhenDue(boolean needed) {
        looks.looked(now += looks.interval(), needed, JUST_NOW);
    }
}
