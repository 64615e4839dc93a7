package io.workerpipe.cli;

import io.workerpipe.roster.Counter;
import java.util.Comparator;
import java.util.Locale;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The columns of {@code top}, in their order; together they are 79 characters wide. */
enum Column {
    PID("PID", 'p', 7, "process id of the worker", each -> each.now().entry().pid(),
            each -> Integer.toString(each.now().entry().pid())), LABEL("LABEL", 'l', -9, "its label",
                    Comparator.comparing(each -> each.now().entry().label()),
                    each -> OneLine.of(each.now().entry().label())), IN("IN/s", 'i', 5, "alerts received a second",
                            Rates::alertsIn), IN_B("INB/s", 'I', 5, "bytes received a second, headers included",
                                    Rates::bytesIn), OUT("OUT/s", 'o', 5, "alerts sent a second",
                                            Rates::alertsOut), OUT_B("OUTB/s", 'O', 6,
                                                    "bytes sent a second, headers included", Rates::bytesOut), QUEUE(
                                                            "QUEUE", 'u', 5, "bytes that wait to be sent, now",
                                                            Rates::queued), DROP("DROP", 'd', 5,
                                                                    "alerts not sent: refused, dropped, or lost with their receiver",
                                                                    Rates::notSent), DISC("DISC", 'c', 5,
                                                                            "alerts received and discarded: no handler",
                                                                            each -> each.now()
                                                                                    .get(Counter.DISCARDED)), FAIL(
                                                                                            "FAIL", 'f', 5,
                                                                                            "alerts whose handler threw",
                                                                                            each -> each.now().get(
                                                                                                    Counter.FAILED_HANDLERS)), SLOWEST(
                                                                                                            "SLOWEST",
                                                                                                            's', 7,
                                                                                                            "process id of the receiver for which most bytes wait",
                                                                                                            each -> each
                                                                                                                    .now()
                                                                                                                    .get(Counter.FULLEST_BYTES),
                                                                                                            each -> each
                                                                                                                    .slowestReceiver() == 0
                                                                                                                            ? "-"
                                                                                                                            : Long.toString(
                                                                                                                                    each.slowestReceiver())), LAST(
                                                                                                                                            "LAST",
                                                                                                                                            't',
                                                                                                                                            4,
                                                                                                                                            "since the last alert was received",
                                                                                                                                            each -> -each
                                                                                                                                                    .now()
                                                                                                                                                    .get(Counter.LAST_ALERT_IN),
                                                                                                                                            each -> each
                                                                                                                                                    .sinceLastAlert() < 0
                                                                                                                                                            ? "-"
                                                                                                                                                            : Figure.ofAge(
                                                                                                                                                                    each.sinceLastAlert()));

    private final String heading;
    private final char key;
    /** Negative: aligned to the left. */
    private final int width;
    private final String meaning;
    private final Comparator<Rates> order;
    private final Function<Rates, String> text;

    Column(String heading, char key, int width, String meaning, ToDoubleFunction<Rates> value) {
        this(heading, key, width, meaning, value, each -> Figure.of(value.applyAsDouble(each)));
    }

    /** The largest first, but for process ids. */
    Column(String heading, char key, int width, String meaning, ToDoubleFunction<Rates> value,
            Function<Rates, String> text) {
        this(heading, key, width, meaning, key == 'p'
                ? Comparator.comparingDouble(value)
                : Comparator.comparingDouble(value).reversed(), text);
    }

    Column(String heading, char key, int width, String meaning, Comparator<Rates> order, Function<Rates, String> text) {
        this.heading = heading;
        this.key = key;
        this.width = width;
        this.meaning = meaning;
        this.order = order;
        this.text = text;
    }

    char key() {
        return key;
    }

    String meaning() {
        return meaning;
    }

    String heading() {
        return heading;
    }

    /** The first that is to be shown comes first. */
    Comparator<Rates> order() {
        return order;
    }

    int width() {
        return Math.abs(width);
    }

    /** A cell of this width at least; a text that is longer pushes what comes after it. */
    String cell(String content, int wanted) {
        return String.format("%" + (width < 0 ? "-" : "") + wanted + "s", content);
    }

    String text(Rates rates) {
        return text.apply(rates);
    }

    /** The name that the command line has for it. */
    String argument() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** By the name that the command line has for it. */
    static Column of(String argument) {
        return Stream.of(values()).filter(each -> each.argument().equalsIgnoreCase(argument)).findAny()
                .orElseThrow(() -> new IllegalArgumentException("--sort is '" + argument + "', but must be one of "
                        + Stream.of(values()).map(Column::argument).collect(Collectors.joining(", "))));
    }

    /** By the key that sorts by it, null if there is none. */
    static Column of(int key) {
        return Stream.of(values()).filter(each -> each.key == key).findAny().orElse(null);
    }
}
