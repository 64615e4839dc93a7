package io.workerpipe.bench.performer;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ScheduleTest {
    private final Schedule schedule = new Schedule(1_000_000, 2.5, 3, 40);

    @Test
    void shouldBeDueAtTheMomentThatIsItsTime() {
        for (long number = 40; number < 1040; number++) {
            long time = schedule.time(number);
            assertThat(schedule.due(time - 3)).isLessThanOrEqualTo(number);
            assertThat(schedule.due(time + 1)).isGreaterThan(number);
        }
    }

    @Test
    void shouldNotBeginBeforeItsStart() {
        assertThat(schedule.due(999_999)).isEqualTo(40);
        assertThat(schedule.due(1_000_000)).isEqualTo(41);
    }

    @Test
    void shouldNotForgetWhatWasDueWhileTheSenderStoodStill() {
        // A sender that was held up for 250 us has 100,000 more to send, each late by its own time.
        assertThat(schedule.due(1_000_000 + 250_000) - schedule.due(1_000_000)).isEqualTo(100_000);
        assertThat(1_250_000 - schedule.time(40)).isEqualTo(250_000);
        assertThat(1_250_000 - schedule.time(40 + 50_000)).isEqualTo(125_000);
    }

    @Test
    void shouldNotDriftWithIntervalsThatAreNoWholeNumber() {
        Schedule third = new Schedule(0, 1e9 / 3, 1, 0);

        assertThat(third.time(3_000_000)).isEqualTo(1_000_000_000_000_000L);
    }
}
