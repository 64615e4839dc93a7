package io.workerpipe.loop;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** When a burst is over. */
@Timeout(300)
class PaceTest {
    /** That of a broadcast, which begins whatever the clock says. */
    private static Pace burst() {
        Pace pace = new Pace();
        assertThat(pace.next(100, 100, 20_000, 0, true)).isEqualTo(Pace.Next.BEGIN_BURST);
        return pace;
    }

    /** Until it is over: a look long after the last one says nothing. */
    private static void look(Pace pace) throws Exception {
        Until.holds("over", () -> !(pace.look(100, 50_000, pace.alertsSinceLook(), false)
                && pace.look(100, 50_000, pace.alertsSinceLook(), false)));
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
            assertThat(pace.look(100, 50_000, pace.alertsSinceLook(), true)).isTrue();
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

    @Test
    void shouldWriteLessOftenToEachWhereMoreReceiversAreSentTo() {
        assertThat(Pace.interval(0, 2)).isEqualTo(Pace.interval(1, 2)).isEqualTo(20_000);
        assertThat(Pace.interval(20, 2)).isEqualTo(20_000 + 19 * 100_000);
        assertThat(Pace.interval(20, 64)).as("where they run beside each other").isEqualTo(20_000 + 19 * 25_000);
        assertThat(Pace.interval(1000, 1)).isEqualTo(2_000_000);
    }

    @Test
    void shouldSayWhetherASenderHasWrittenJustNow() throws Exception {
        Pace pace = burst();
        pace.wrote(0);
        assertThat(pace.wroteWithin(TimeUnit.HOURS.toNanos(1))).isTrue();
        Until.holds("some time ago", () -> !pace.wroteWithin(1_000_000));
    }

    @Test
    void shouldLeaveInABurstWhatDoesNotBeginAPage() {
        Pace pace = new Pace();
        assertThat(pace.leaves(0, 100)).as("no burst").isFalse();
        pace = burst();
        lookEach(pace, 0);
        assertThat(pace.leaves(4000, 4096)).as("to the end of a page").isFalse();
        assertThat(pace.leaves(4000, 4095)).isTrue();
        assertThat(pace.leaves(4096, 8191)).isTrue();
        assertThat(pace.leaves(65_000, 66_000)).as("to another chunk").isFalse();
        assertThat(pace.alertsSinceLook()).isEqualTo(4);
    }

    /** As if senders had looked at the clock twenty times, so many nanoseconds after each other. */
    private static void lookEach(Pace pace, long nanos) {
        for (int i = 0; i < 20; i++) {
            pace.glanced(i * nanos);
        }
    }

    /** So many alerts in the middle of a page until one for which its sender looks at the clock, that one included. */
    private static int alertsToLook(Pace pace) {
        for (int alerts = 1;; alerts++) {
            if (!pace.leaves(100, 200)) {
                return alerts;
            }
        }
    }

    private static int alertsBetweenLooks(Pace pace) {
        alertsToLook(pace);
        return alertsToLook(pace);
    }

    @Test
    void shouldLookAtTheClockAsOftenAsItHasProvedRight() {
        Pace pace = burst();
        lookEach(pace, 3_600_000_000_000L);
        assertThat(alertsBetweenLooks(pace)).as("slow").isOne();
        long now = 0;
        for (int alerts = 1; alerts < 1024; alerts *= 2) {
            assertThat(alertsBetweenLooks(pace)).isEqualTo(alerts);
            pace.glanced(now);
            assertThat(alertsBetweenLooks(pace)).as("at once again").isEqualTo(2 * alerts);
            now += 5_000;
            pace.glanced(now);
            assertThat(alertsBetweenLooks(pace)).as("as it should be").isEqualTo(2 * alerts);
        }
        pace.glanced(now);
        assertThat(alertsBetweenLooks(pace)).as("never more rarely").isEqualTo(1024);
        pace.glanced(now += 19_000);
        assertThat(alertsBetweenLooks(pace)).as("late").isEqualTo(512);
        pace.glanced(now += 4_000_000);
        assertThat(alertsBetweenLooks(pace)).as("so late that it had no processor").isOne();
    }

    @Test
    void shouldLookAtTheClockForEachAlertWhereTheyComeSlowlyAndWriteThen() {
        Pace pace = burst();
        lookEach(pace, 1_000_000);
        pace.wrote(0);
        long hour = TimeUnit.HOURS.toNanos(1);
        assertThat(pace.leaves(100, 200)).isFalse();
        assertThat(pace.next(100, 100, hour, 0, false)).as("a short time after a write").isEqualTo(Pace.Next.LEAVE);
        assertThat(pace.next(100, 4000, 0, 0, false)).as("some time after it").isEqualTo(Pace.Next.WRITE);
        assertThat(pace.next(100, 4100, 0, 0, false)).as("with a page").isEqualTo(Pace.Next.WRITE_PAGES);
    }

    @Test
    void shouldEndABurstThoughLooksAreFarApart() throws Exception {
        Pace pace = burst();
        Until.holds("over", () -> !(pace.look(100, 5_000_000, pace.alertsSinceLook(), false)
                && pace.look(100, 5_000_000, pace.alertsSinceLook(), false)));
        assertThat(pace.isBurst()).isFalse();
    }
}
