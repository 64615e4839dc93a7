package io.workerpipe.soak;

import io.workerpipe.process.Checker.Balance;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The figures of a whole run, for people. */
final class SoakReport {
    private SoakReport() {}

    /** All that was attempted, and what became of it. */
    static String text(Balance balance) {
        return "%,d alerts: %,d delivered (%,d bytes), %,d refused, %,d to nobody, %,d lost with a dead worker, %,d being sent when it died, %,d dropped and announced, %,d lied away"
                .formatted(balance.attempted(), balance.delivered(), balance.bytes(), balance.refused(), balance.gone(),
                        balance.lost(), balance.unknown(), balance.dropped(), balance.lied());
    }

    static String lastLine(SoakOptions options, Tally tally, String wrong) {
        return (wrong == null ? "PASSED" : "FAILED") + " seed " + options.seed() + ": " + tally.rounds() + " rounds, "
                + tally.kills() + " kills; " + text(tally.balance());
    }

    static void write(SoakOptions options, Tally tally, String wrong) throws IOException {
        StringBuilder text = new StringBuilder();
        text.append("# Soak\n\n").append(wrong == null ? "Passed." : "**Failed**: " + wrong).append("\n\n");
        text.append("`--seed ").append(options.seed()).append(" --workers ").append(options.workers()).append("`, ")
                .append(options.length().toMinutes()).append(" minutes, JDK ").append(Runtime.version()).append(", ")
                .append(Runtime.getRuntime().availableProcessors()).append(" processors, Linux ")
                .append(System.getProperty("os.version")).append("\n\n");
        Balance balance = tally.balance();
        text.append("## The balance\n\n| | alerts |\n| --- | --- |\n");
        row(text, "attempted (a broadcast once for each receiver)", balance.attempted());
        row(text, "delivered", balance.delivered());
        row(text, "refused: no room, or the sender was leaving", balance.refused());
        row(text, "to a worker that was gone", balance.gone());
        row(text, "lost with a dead worker", balance.lost());
        row(text, "being sent when their sender died", balance.unknown());
        row(text, "dropped by a policy, and announced", balance.dropped());
        row(text, "taken by a lie in the inbox", balance.lied());
        text.append("\nDelivered: %,d bytes of data.%n".formatted(balance.bytes()));
        text.append("\n## Faults\n\n| | times |\n| --- | --- |\n");
        for (Map.Entry<Fault.Kind, Integer> entry : tally.faults().entrySet()) {
            row(text, entry.getKey().name().toLowerCase(Locale.ROOT).replace('_', ' '), entry.getValue());
        }
        row(text, "processes killed in all", tally.kills());
        row(text, "left out: the worker was busy with another one", tally.missedFaults());
        text.append(
                "\nFrom the end of a killed worker until nobody's `workers()` had it: %.1f ms (median), %.1f ms (99 %%), %.1f ms (longest).%n"
                        .formatted(tally.seenDeadMillis(0.5), tally.seenDeadMillis(0.99), tally.seenDeadMillis(1)));
        text.append(
                "\n## Those who lived through it\n\nAt rest, between rounds.\n\n| worker | | first round | least | most | last |\n| --- | --- | --- | --- | --- | --- |\n");
        tally.atRest().forEach((place, gauges) -> {
            line(text, place, "memory of its own, MiB", gauges.stream().map(of -> of.ownKib() >> 10).toList());
            line(text, place, "descriptors", gauges.stream().map(of -> (long) of.descriptors()).toList());
            line(text, place, "threads", gauges.stream().map(of -> (long) of.threads()).toList());
        });
        Files.writeString(options.folder().resolve("report.md"), text);
    }

    private static void row(StringBuilder text, String what, long count) {
        text.append("| ").append(what).append(" | ").append("%,d".formatted(count)).append(" |\n");
    }

    private static void line(StringBuilder text, int place, String what, List<Long> values) {
        text.append("| w%d | %s | %d | %d | %d | %d |%n".formatted(place, what, values.getFirst(),
                values.stream().mapToLong(Long::longValue).min().orElseThrow(),
                values.stream().mapToLong(Long::longValue).max().orElseThrow(), values.getLast()));
    }
}
