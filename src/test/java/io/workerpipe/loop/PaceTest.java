package io.workerpipe.loop;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** When a burst is over. */
@Timeout(60)
class PaceTest {
    /** That of a broadcast, which begins whatever the clock says. */
    private static Pace burst() {
        Pace pace = new Pace();
        assertThat(pace.next(0, 100, 0, true)).isEqualTo(Pace.Next.BEGIN_BURST);
        return pace;
    }

    /** Until it is over: a look long after the last one says nothing. */
    private static void look(Pace pace) throws Exception {
        Until.holds("over", () -> !(pace.look(100, pace.alertsSinceLook(), false)
                && pace.look(100, pace.alertsSinceLook(), false)));
    }

    @Test
    void shouldEndABurstInWhichNothingCameSinceTheLastLook() throws Exception {
        Pace pace = burst();
        look(pace);
        assertThat(pace.isBurst()).isFalse();
    }

    @Test
    void shouldGoOnWhileASenderWaitsForRoom() {
        Pace pace = burst();
        for (int look = 0; look < 1000; look++) {
            assertThat(pace.look(100, pace.alertsSinceLook(), true)).isTrue();
            assertThat(pace.isBurst()).isTrue();
        }
    }

    @Test
    void shouldStayWarmAfterABurstUntilItIsCooled() throws Exception {
        Pace pace = burst();
        assertThat(pace.isWarm()).as("in a burst").isTrue();
        look(pace);
        assertThat(pace.isWarm()).as("just over").isTrue();
        pace.cool();
        assertThat(pace.isWarm()).isFalse();
    }
}
