package io.workerpipe.cli;

import io.workerpipe.roster.RosterException;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.TreeSet;

/** The live view of {@code top}: what it shows, and what the keys do to that. Used by one thread. */
final class TopView {
    /** As a shell shows a process that SIGINT has ended. */
    private static final int INTERRUPTED = 130;
    private static final Duration FIRST_LOOK = Duration.ofMillis(250);
    private static final String KEYS = "q quit  space pause  / filter  g group  <> sort  r reverse  +- interval  h help";
    private static final int LEAST_VISIBLE = ' ';
    private static final int DELETE = 127;
    private static final int BACKSPACE = 8;

    private final String onlyGroup;
    private TopTable table;
    private Duration interval;
    private boolean paused;
    private boolean helping;
    /** Whether keys go into the filter. */
    private boolean typing;
    private int scrolled;
    private int page = 1;
    private Survey before;
    private List<Rates> rates = List.of();
    private List<String> complaints = List.of();

    /** @param onlyGroup the only group that is looked at; null for all */
    TopView(TopTable table, String onlyGroup, Duration interval) {
        this.table = table;
        this.onlyGroup = onlyGroup;
        this.interval = interval;
    }

    /** Until it is told to end; gives the exit code. */
    int run() throws IOException {
        // Refused here, it says so on the terminal as it was.
        before = Survey.take(onlyGroup);
        rates = Rates.between(before, before);
        try (Screen screen = Screen.open()) {
            long look = System.nanoTime() + Math.min(interval.toNanos(), FIRST_LOOK.toNanos());
            boolean going = true;
            while (going) {
                if (System.nanoTime() - look >= 0) {
                    look = System.nanoTime() + interval.toNanos();
                    look();
                }
                screen.resized();
                page = Math.max(1, screen.rows() - 4);
                screen.draw(lines(screen.columns(), screen.rows()));
                int key = screen.read(Math.max(1, (look - System.nanoTime()) / 1_000_000));
                going = key == Screen.NONE || key != Screen.END && press(key);
                if (key == '+' || key == '-') {
                    look = System.nanoTime() + interval.toNanos();
                }
            }
            return screen.interrupted() ? INTERRUPTED : 0;
        }
    }

    private void look() throws IOException {
        if (paused) {
            return;
        }
        try {
            Survey now = Survey.take(onlyGroup);
            rates = Rates.between(before, now);
            before = now;
            complaints = now.refused().stream().map(Throwable::getMessage).toList();
        } catch (RosterException e) {
            complaints = List.of(e.getMessage());
        }
    }

    /** False if it is to end. */
    boolean press(int key) {
        if (typing) {
            type(key);
            return true;
        }
        if (helping) {
            helping = false;
            return key != 'q';
        }
        switch (key) {
            case 'q' -> {
                return false;
            }
            case ' ' -> paused = !paused;
            case 'h', '?' -> helping = true;
            case '/' -> typing = true;
            case Screen.ESCAPE -> table = new TopTable(table.sort(), table.reversed(), table.group(), "");
            case 'g' -> table = new TopTable(table.sort(), table.reversed(), nextGroup(), table.filter());
            case 'r' -> table = new TopTable(table.sort(), !table.reversed(), table.group(), table.filter());
            case '+' -> interval = within(interval.multipliedBy(2));
            case '-' -> interval = within(interval.dividedBy(2));
            case '>', Screen.RIGHT -> sortBy(Column.values()[(table.sort().ordinal() + 1) % Column.values().length]);
            case '<', Screen.LEFT -> sortBy(Column.values()[(table.sort().ordinal() + Column.values().length - 1)
                    % Column.values().length]);
            case Screen.UP -> scrolled--;
            case Screen.DOWN -> scrolled++;
            case Screen.PAGE_UP -> scrolled -= page;
            case Screen.PAGE_DOWN -> scrolled += page;
            default -> {
                Column column = Column.of(key);
                if (column != null) {
                    sortBy(column);
                }
            }
        }
        return true;
    }

    private void type(int key) {
        String filter = table.filter();
        switch (key) {
            case '\r', '\n' -> typing = false;
            case Screen.ESCAPE -> {
                typing = false;
                filter = "";
            }
            case DELETE, BACKSPACE -> filter = filter.substring(0, Math.max(0, filter.length() - 1));
            default -> {
                if (key >= LEAST_VISIBLE && key < Screen.UP) {
                    filter += Character.toString(key).toLowerCase(Locale.ROOT);
                }
            }
        }
        table = new TopTable(table.sort(), table.reversed(), table.group(), filter);
    }

    private void sortBy(Column column) {
        table = new TopTable(column, false, table.group(), table.filter());
    }

    /** All, then one after the other. */
    private String nextGroup() {
        TreeSet<String> groups = new TreeSet<>();
        rates.forEach(each -> groups.add(each.now().group()));
        return table.group() == null ? groups.isEmpty() ? null : groups.first() : groups.higher(table.group());
    }

    private static Duration within(Duration interval) {
        return interval.compareTo(Seconds.SHORTEST) < 0
                ? Seconds.SHORTEST
                : interval.compareTo(Seconds.LONGEST) > 0 ? Seconds.LONGEST : interval;
    }

    List<Screen.Line> lines(int columns, int rows) {
        List<Screen.Line> lines = new ArrayList<>();
        lines.add(new Screen.Line(Screen.Style.BOLD, title()));
        if (helping) {
            lines.addAll(help());
        } else {
            complaints.forEach(each -> lines.add(new Screen.Line(Screen.Style.ALARM, OneLine.of(each))));
            lines.add(new Screen.Line(Screen.Style.PLAIN, TopTable.totals(table.shown(rates))));
            addTable(lines, columns, rows - 1);
        }
        while (lines.size() < rows - 1) {
            lines.add(new Screen.Line(Screen.Style.PLAIN, ""));
        }
        return append(lines.subList(0, Math.max(0, Math.min(lines.size(), rows - 1))), new Screen.Line(
                typing ? Screen.Style.BOLD : Screen.Style.PLAIN, typing ? "filter: " + table.filter() + "_" : KEYS));
    }

    private static List<Screen.Line> append(List<Screen.Line> lines, Screen.Line last) {
        List<Screen.Line> all = new ArrayList<>(lines);
        all.add(last);
        return all;
    }

    private String title() {
        String where = table.group() == null ? onlyGroup == null ? "all groups" : onlyGroup : table.group();
        return "workerpipe top: " + where + " by " + table.sort().heading() + (table.reversed() ? " reversed" : "")
                + (table.filter().isEmpty() ? "" : ", only '" + table.filter() + "'")
                + (paused ? ", PAUSED" : ", every " + Seconds.text(interval) + " s");
    }

    /** The headings stay where they are, the rest moves. */
    private void addTable(List<Screen.Line> lines, int columns, int rows) {
        List<TopTable.Line> all = table.lines(rates, columns);
        lines.add(new Screen.Line(Screen.Style.INVERSE, all.getFirst().text()));
        List<TopTable.Line> body = all.subList(1, all.size());
        int room = Math.max(1, rows - lines.size());
        scrolled = Math.clamp(scrolled, 0, Math.max(0, body.size() - room));
        body.stream().skip(scrolled).limit(room).forEach(each -> lines.add(new Screen.Line(style(each), each.text())));
        if (body.isEmpty()) {
            lines.add(new Screen.Line(Screen.Style.PLAIN, NoWorker.TEXT));
        }
    }

    private static Screen.Style style(TopTable.Line line) {
        return switch (line.kind()) {
            case HEADING -> Screen.Style.INVERSE;
            case GROUP -> Screen.Style.BOLD;
            case WORKER -> Screen.Style.PLAIN;
            case QUEUEING -> Screen.Style.NOTICE;
            case LOSING -> Screen.Style.ALARM;
        };
    }

    private static List<Screen.Line> help() {
        List<String> text = new ArrayList<>();
        text.add("key  column   what it shows, sorted by it when the key is pressed");
        for (Column column : Column.values()) {
            text.add(String.format(" %c   %-8s %s", column.key(), column.heading(), column.meaning()));
        }
        text.addAll(List.of("", "space    pause, and go on       g      all groups, then one after the other",
                "< >      the next column        /      only what contains a text; escape ends it",
                "r        the other way round    + -    twice or half as long between two looks",
                "arrows, page up and down        q      ends, as Ctrl-C does",
                "red: alerts were not sent, discarded or failed since the last look; yellow: over",
                "1 MB waits. k, M, G are thousands, of bytes too. Any key leaves this page."));
        return text.stream().map(each -> new Screen.Line(Screen.Style.PLAIN, each)).toList();
    }
}
