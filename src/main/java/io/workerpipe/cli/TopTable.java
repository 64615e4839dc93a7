package io.workerpipe.cli;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;

/**
 * The table of {@code top} as lines of text.
 *
 * @param sort     the column that decides who comes first
 * @param reversed whether the last of these comes first
 * @param group    only the workers of this group; null for all
 * @param filter   only those in whose pid or label this occurs, in small letters; empty for all
 */
record TopTable(Column sort, boolean reversed, String group, String filter) {
    /** More than an ordinary pipe takes: a receiver that is behind. */
    private static final long MUCH = 1_000_000;

    /** What a line is, for those that can show it. */
    enum Kind {
        HEADING, GROUP, WORKER, QUEUEING, LOSING
    }

    record Line(Kind kind, String text) {}

    /** Those that are to be seen. */
    List<Rates> shown(List<Rates> all) {
        return all.stream().filter(this::isShown).toList();
    }

    private boolean isShown(Rates each) {
        return (group == null || group.equals(each.now().group())) && (filter.isEmpty()
                || Integer.toString(each.now().entry().pid()).contains(filter)
                || each.now().entry().label().toLowerCase(Locale.ROOT).contains(filter));
    }

    /** Of a width that labels use where it is more than 80. */
    List<Line> lines(List<Rates> all, int width) {
        int labels = all.stream().mapToInt(each -> Column.LABEL.text(each).length()).max().orElse(0);
        int label = Math.max(Column.LABEL.width(), Math.min(labels, width - 80 + Column.LABEL.width()));
        TreeMap<String, List<Rates>> groups = shown(all).stream()
                .collect(Collectors.groupingBy(each -> each.now().group(), TreeMap::new, Collectors.toList()));
        Comparator<Rates> order = (reversed ? sort.order().reversed() : sort.order())
                .thenComparing(Column.PID.order());
        List<Line> lines = new ArrayList<>();
        lines.add(new Line(Kind.HEADING, row(null, label)));
        groups.forEach((name, workers) -> {
            if (groups.size() > 1) {
                lines.add(new Line(Kind.GROUP, name + ": " + totals(workers)));
            }
            workers.stream().sorted(order).forEach(each -> lines.add(new Line(kind(each), row(each, label))));
        });
        return lines;
    }

    private static Kind kind(Rates each) {
        return each.losing() ? Kind.LOSING : each.queued() > MUCH ? Kind.QUEUEING : Kind.WORKER;
    }

    /** The headings, if there is no worker. */
    private static String row(Rates worker, int label) {
        StringBuilder row = new StringBuilder();
        for (Column column : Column.values()) {
            int width = column == Column.LABEL ? label : column.width();
            String text = worker == null ? column.heading() : column.text(worker);
            // Only a label can be any length.
            row.append(row.isEmpty() ? "" : " ")
                    .append(column.cell(text.substring(0, Math.min(text.length(), width)), width));
        }
        return row.toString();
    }

    /** All of some workers together. */
    static String totals(List<Rates> workers) {
        return Quantity.workers(workers.size()) + ", in " + sum(workers, Rates::alertsIn) + "/s "
                + sum(workers, Rates::bytesIn) + "B/s, out " + sum(workers, Rates::alertsOut) + "/s "
                + sum(workers, Rates::bytesOut) + "B/s, " + sum(workers, Rates::queued) + "B queued";
    }

    private static String sum(List<Rates> workers, ToDoubleFunction<Rates> figure) {
        return Figure.of(workers.stream().mapToDouble(figure).sum());
    }
}
