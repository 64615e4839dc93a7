package io.workerpipe.soak;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Comparator;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A seed says all that will happen. */
@Timeout(60)
class ScheduleTest {
    private static final int WORKERS = 8;
    private static final long MINUTE = 60_000;

    @Test
    void shouldBeTheSameWhenSeedIs() {
        assertThat(new Schedule(42, WORKERS).of(1, MINUTE)).isEqualTo(new Schedule(42, WORKERS).of(1, MINUTE));
        assertThat(new Schedule(42, WORKERS).of(1, MINUTE)).isNotEqualTo(new Schedule(43, WORKERS).of(1, MINUTE));
        assertThat(new Schedule(42, WORKERS).of(0, MINUTE)).isNotEqualTo(new Schedule(42, WORKERS).of(1, MINUTE));
    }

    @Test
    void shouldKillOneASecondInOrderAndNeverAnElder() {
        Schedule schedule = new Schedule(7, WORKERS);
        List<Fault> faults = schedule.of(0, 60 * MINUTE);
        assertThat(faults).isSortedAccordingTo(Comparator.comparingLong(Fault::millis));
        assertThat(faults).filteredOn(fault -> fault.kind().kills()).hasSizeGreaterThan(3_600)
                .allMatch(fault -> fault.place() >= schedule.elders() && fault.place() < WORKERS);
        assertThat(faults).extracting(Fault::kind).contains(Fault.Kind.STOP, Fault.Kind.REJOIN, Fault.Kind.FLOOD)
                .doesNotContain(Fault.Kind.LIE);
    }

    @Test
    void shouldKillNobodyInARoundOfLies() {
        Schedule schedule = new Schedule(7, WORKERS);
        assertThat(schedule.hasLies(2)).isTrue();
        assertThat(schedule.of(2, MINUTE)).extracting(Fault::kind).contains(Fault.Kind.LIE)
                .doesNotContain(Fault.Kind.KILL, Fault.Kind.KILL_TWICE, Fault.Kind.STOP_AND_KILL, Fault.Kind.STOP);
    }
}
