package io.workerpipe.roster;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class RosterLayoutTest {
    private static final int LINE = 64;

    @Test
    void shouldHaveNoTwoThingsInOnePlace() {
        requireApart(Map.of(RosterLayout.MAGIC_AT, 8, RosterLayout.VERSION_AT, 4, RosterLayout.SLOTS_AT, 4,
                RosterLayout.BOOT_ID_AT, RosterLayout.BOOT_ID_LENGTH, RosterLayout.NAMESPACE_AT, 8,
                RosterLayout.EPOCH_AT, LINE, RosterLayout.REMOVED_AT, 4, RosterLayout.NEXT_INCARNATION_AT, 8),
                RosterLayout.HEADER);
        Map<Long, Integer> slot = new TreeMap<>(Map.of(RosterLayout.STATE_AT, 4, RosterLayout.PID_AT, 4,
                RosterLayout.START_TIME_AT, 8, RosterLayout.INCARNATION_AT, 8, RosterLayout.INBOX_INODE_AT, 8,
                RosterLayout.INBOX_FD_AT, 4, RosterLayout.INDEX_AT, 4, RosterLayout.LABEL_AT,
                1 + RosterLayout.LABEL_LENGTH));
        for (Counter counter : Counter.values()) {
            assertThat(slot.put(counter.at(), 8)).as(counter.name()).isNull();
        }
        requireApart(slot, RosterLayout.SLOT);
    }

    @Test
    void shouldKeepCountersOfDifferentWritersOnDifferentLines() {
        Map<Long, Set<String>> writers = new TreeMap<>();
        Arrays.stream(Counter.values()).forEach(counter -> writers
                .computeIfAbsent(counter.at() / LINE, line -> new TreeSet<>()).add(writer(counter)));

        assertThat(writers).hasSize(4).allSatisfy((line, names) -> assertThat(names).hasSize(1));
    }

    private static String writer(Counter counter) {
        return switch (counter) {
            case AWAKE -> "reader, at each sleep";
            case ALERTS_IN, BYTES_IN, DISCARDED, FAILED_HANDLERS, SKIPPED_BYTES, DROPPED_OPEN, LAST_ALERT_IN ->
                "reader";
            case ALERTS_OUT, BYTES_OUT, REFUSED, DROPPED -> "senders";
            case LOST_WITH_PEER, QUEUED_BYTES, FULLEST_RECEIVER, FULLEST_BYTES -> "writer";
        };
    }

    private static void requireApart(Map<Long, Integer> places, int limit) {
        long free = 0;
        for (Map.Entry<Long, Integer> place : new TreeMap<>(places).entrySet()) {
            assertThat(place.getKey()).isGreaterThanOrEqualTo(free);
            if (place.getValue() <= 8) {
                assertThat(place.getKey() % place.getValue()).isZero();
            }
            free = place.getKey() + place.getValue();
        }
        assertThat(free).isLessThanOrEqualTo(limit);
    }
}
