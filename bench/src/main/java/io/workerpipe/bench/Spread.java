package io.workerpipe.bench;

import java.util.Collection;
import java.util.List;

/** What is told of several runs. */
record Spread(double median, double least, double most) {
    /** @param values at least one */
    static Spread of(Collection<Double> values) {
        List<Double> sorted = values.stream().sorted().toList();
        int middle = sorted.size() / 2;
        double median = sorted.size() % 2 == 1
                ? sorted.get(middle)
                : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
        return new Spread(median, sorted.getFirst(), sorted.getLast());
    }

    /** For people: the median, and in brackets the least and the most where they are not the same. */
    String text() {
        return least == most
                ? Figure.of(median)
                : Figure.of(median) + " (" + Figure.of(least) + " to " + Figure.of(most) + ")";
    }
}
