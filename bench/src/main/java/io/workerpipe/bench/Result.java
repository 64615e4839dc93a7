package io.workerpipe.bench;

import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/** One metric of one system in one case: the values of all runs. Used by one thread. */
final class Result {
    final String contest;
    final String system;
    final String metric;
    final String unit;
    private final SortedMap<Integer, Double> byRound = new TreeMap<>();

    Result(String contest, String system, String metric, String unit) {
        this.contest = contest;
        this.system = system;
        this.metric = metric;
        this.unit = unit;
    }

    void add(int round, double value) {
        byRound.put(round, value);
    }

    /** Rounds whose run was flawed are missing. */
    SortedMap<Integer, Double> byRound() {
        return Collections.unmodifiableSortedMap(byRound);
    }

    List<Double> runs() {
        return List.copyOf(byRound.values());
    }

    double median() {
        return Spread.of(byRound.values()).median();
    }

}
