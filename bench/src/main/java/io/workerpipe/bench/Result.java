package io.workerpipe.bench;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** One metric of one system in one case: the values of all runs. Used by one thread. */
final class Result {
    final String contest;
    final String system;
    final String metric;
    final String unit;
    private final List<Double> runs = new ArrayList<>();

    Result(String contest, String system, String metric, String unit) {
        this.contest = contest;
        this.system = system;
        this.metric = metric;
        this.unit = unit;
    }

    void add(double value) {
        runs.add(value);
    }

    List<Double> runs() {
        return Collections.unmodifiableList(runs);
    }

    double median() {
        List<Double> sorted = runs.stream().sorted().toList();
        int middle = sorted.size() / 2;
        return sorted.size() % 2 == 1 ? sorted.get(middle) : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
    }

    double least() {
        return Collections.min(runs);
    }

    double most() {
        return Collections.max(runs);
    }
}
