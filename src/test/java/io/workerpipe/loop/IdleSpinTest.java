package io.workerpipe.loop;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Spins where it pays, with a clock and neighbours made up by the test. */
class IdleSpinTest {
    private static final int PROCESSORS = 4;
    private long now;
    private int othersAwake;
    private final IdleSpin spin = new IdleSpin(null, PROCESSORS, limit -> Math.min(limit, othersAwake), () -> now);

    private void sleep(Duration length) {
        spin.fallsAsleep();
        now += length.toNanos();
        spin.wakes();
    }

    private void sleepShortly() {
        sleep(Duration.ofNanos(30_000));
    }

    @Test
    void shouldNotSpinBeforeASleepWasShort() {
        assertThat(spin.nanos()).isZero();
        sleep(Duration.ofMillis(1));
        assertThat(spin.nanos()).isZero();
        sleepShortly();
        assertThat(spin.nanos()).isPositive();
    }

    @Test
    void shouldEndAfterOneLongSleep() {
        sleepShortly();
        sleep(Duration.ofSeconds(1));
        assertThat(spin.nanos()).isZero();
    }

    @Test
    void shouldNotTakeAProcessorFromWorkersThatAreAwake() {
        sleepShortly();
        othersAwake = PROCESSORS - 1;
        assertThat(spin.nanos()).isPositive();
        othersAwake = PROCESSORS;
        assertThat(spin.nanos()).isZero();
    }

    @Test
    void shouldNotSpinWhileACrowdSleepsForAMoment() {
        sleepShortly();
        assertThat(spin.nanos()).isPositive();
        for (int i = 0; i < 1000; i++) {
            othersAwake = i % 50 == 0 ? PROCESSORS : 0;
            assertThat(spin.nanos()).describedAs("look %d", i).isZero();
        }
        othersAwake = 0;
        int looks = 0;
        while (spin.nanos() == 0) {
            looks++;
            assertThat(looks).isLessThan(100);
        }
    }

    @Test
    void shouldNeverSpinOnASingleProcessor() {
        IdleSpin single = new IdleSpin(null, 1, limit -> 0, () -> now);
        single.fallsAsleep();
        single.wakes();
        assertThat(single.nanos()).isZero();
    }

    @Test
    void shouldGiveUpWhatIsInVain() {
        int inVain = 0;
        for (int i = 0; i < 100; i++) {
            sleepShortly();
            if (spin.nanos() != 0) {
                spin.inVain();
                inVain++;
            }
        }
        assertThat(inVain).isBetween(1, 10);
    }

    @Test
    void shouldTryAgainLater() {
        int inVain = 0;
        for (int i = 0; i < 10_000; i++) {
            sleepShortly();
            if (spin.nanos() != 0) {
                spin.inVain();
                inVain++;
            }
        }
        assertThat(inVain).isBetween(20, 1000);
    }

    @Test
    void shouldGoOnAsLongAsSomethingIsFound() {
        sleepShortly();
        for (int i = 0; i < 100; i++) {
            assertThat(spin.nanos()).isPositive();
            if (i % 3 == 0) {
                spin.found();
            } else {
                spin.inVain();
                sleepShortly();
            }
        }
    }

    @Test
    void shouldSpinAsLongAsItIsTold() {
        othersAwake = PROCESSORS;
        assertThat(new IdleSpin(Duration.ofSeconds(2), 1, limit -> limit, () -> now).nanos()).isEqualTo(2_000_000_000);
        assertThat(new IdleSpin(Duration.ZERO, PROCESSORS, limit -> 0, () -> now).nanos()).isZero();
        assertThat(new IdleSpin(Duration.ofSeconds(Long.MAX_VALUE), 1, limit -> limit, () -> now).nanos())
                .isEqualTo(Long.MAX_VALUE);
    }
}
