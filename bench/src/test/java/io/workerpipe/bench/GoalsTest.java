package io.workerpipe.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class GoalsTest {
    private static Result result(String contest, String system, String metric, String unit) {
        return new Result(contest, system, metric, unit);
    }

    @Test
    void shouldTakeTheMedianOfRatiosAndNotTheRatioOfMedians() {
        Result ours = result("pair-10", "workerpipe", "rate", "alerts/s");
        Result theirs = result("pair-10", "aeron-ipc", "rate", "alerts/s");
        // A machine that becomes slower: each round 2 : 1, but for one of 1 : 1.
        double[][] rounds = {{40, 20}, {30, 15}, {10, 10}};
        for (int round = 0; round < rounds.length; round++) {
            ours.add(round + 1, rounds[round][0]);
            theirs.add(round + 1, rounds[round][1]);
        }

        List<Goals.Row> rows = Goals.rows(List.of(ours, theirs));

        assertThat(rows).containsExactly(new Goals.Row("pair-10", "rate", "aeron-ipc", "at least 1.50 x",
                "2.00 (1.00 to 2.00) x", Goals.Reached.YES));
    }

    @Test
    void shouldLeaveOutRoundsThatOneOfTheTwoDidNotFinish() {
        Result ours = result("pair-10", "workerpipe", "rate", "alerts/s");
        Result theirs = result("pair-10", "aeron-ipc", "rate", "alerts/s");
        ours.add(1, 10);
        ours.add(3, 30);
        theirs.add(2, 1);
        theirs.add(3, 60);

        assertThat(Goals.ratios(ours, theirs)).containsExactly(0.5);
        assertThat(Goals.rows(List.of(ours, theirs))).singleElement()
                .satisfies(row -> assertThat(row.reached()).isEqualTo(Goals.Reached.NO));
    }

    @Test
    void shouldCountLessAsBetterWhereItIs() {
        Result ours = result("rtt-block", "workerpipe", "p50", "us");
        Result theirs = result("rtt-block", "c-pipe", "p50", "us");
        ours.add(1, 11);
        theirs.add(1, 10);

        assertThat(Goals.rows(List.of(ours, theirs))).singleElement()
                .satisfies(row -> assertThat(row.reached()).isEqualTo(Goals.Reached.YES));
    }

    @Test
    void shouldCompareLatenciesOnlyWithWhoKeptUpWithTheSchedule() {
        Result ours = result("rate-50pct", "workerpipe", "p99", "us");
        Result theirs = result("rate-50pct", "c-pipe", "p99", "us");
        Result behind = result("rate-50pct", "c-pipe", "behind", "ms");
        ours.add(1, 10);
        theirs.add(1, 1_000_000);
        behind.add(1, 900);

        assertThat(Goals.rows(List.of(ours, theirs, behind))).containsExactly(new Goals.Row("rate-50pct", "p99",
                "c-pipe", "at most 2.00 x", "c-pipe fell behind its schedule", Goals.Reached.NOT_MEASURED));

        ours.add(2, 30);
        theirs.add(2, 10);
        behind.add(2, 0.4);

        assertThat(Goals.rows(List.of(ours, theirs, behind))).containsExactly(
                new Goals.Row("rate-50pct", "p99", "c-pipe", "at most 2.00 x", "3.00 x, 1 of 2 rounds",
                        Goals.Reached.NO));
    }

    @Test
    void shouldTakeTheFigureItselfWhereNobodyIsComparedWith() {
        Result join = result("join", "workerpipe", "join in a fresh JVM", "ms");
        join.add(1, 201);

        assertThat(Goals.rows(List.of(join))).containsExactly(new Goals.Row("join", "join in a fresh JVM", "",
                "at most 200 ms", "201 ms", Goals.Reached.NO));
    }

    @Test
    void shouldSayNothingOfWhatWasNotRun() {
        assertThat(Goals.rows(List.of(result("pair-10", "workerpipe", "rate", "alerts/s")))).isEmpty();
    }
}
