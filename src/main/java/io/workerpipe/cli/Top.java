package io.workerpipe.cli;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code workerpipe top}. */
@Command(name = "top", mixinStandardHelpOptions = true, sortOptions = false, description = "Shows live what the workers of this user do, from counters that they keep anyway: they do nothing for it.", footer = {
        "", "Press h in it for the keys and the columns. Where input or output is no",
        "terminal, it does as with --once.",
        "", "Examples:", "  workerpipe top", "  workerpipe top --group web --sort queue --interval 0.5",
        "  workerpipe top --once --json | jq '.[] | select(.alertsInPerSecond > 1000) | .pid'"})
final class Top implements Callable<Integer> {
    private static final int WIDTH = 80;

    @Mixin
    private OneGroupOption only;

    @Option(names = {"-i",
            "--interval"}, paramLabel = "SECONDS", defaultValue = "1", converter = Seconds.class, description = "Between two looks, 0.1 to 3600; ${DEFAULT-VALUE} by default.")
    private Duration interval;

    @Option(names = "--sort", paramLabel = "COLUMN", defaultValue = "in", description = "pid, label, in, in-b, out, out-b, queue, drop, disc, fail, slowest or last; '${DEFAULT-VALUE}' by default.")
    private String sort;

    @Option(names = "--filter", paramLabel = "TEXT", defaultValue = "", description = "Only workers in whose pid or label it occurs.")
    private String filter;

    @Option(names = "--once", description = "Looks twice, an interval apart, prints the table and ends.")
    private boolean once;

    @Option(names = "--json", description = "The same as a JSON array of objects, with all counters.")
    private boolean json;

    @Override
    public Integer call() throws Exception {
        TopTable table = new TopTable(Column.of(sort), false, only.group, filter.toLowerCase(Locale.ROOT));
        if (once || json || !Terminal.isInput() || !Terminal.isOutput() || isDumb()) {
            return printOnce(table);
        }
        return new TopView(table, only.group, interval).run();
    }

    private static boolean isDumb() {
        String type = System.getenv("TERM");
        return type == null || type.isEmpty() || type.equals("dumb");
    }

    private int printOnce(TopTable table) throws IOException, InterruptedException {
        Survey before = Survey.take(only.group);
        Thread.sleep(interval);
        Survey after = Survey.take(only.group);
        List<Rates> rates = table.shown(Rates.between(before, after));
        if (json) {
            Survey shown = new Survey(after.nanos(), rates.stream().map(Rates::now).toList(), after.refused());
            Output.line(shown.json(true, (generator, sample) -> write(generator, rates, sample)));
        } else if (rates.isEmpty()) {
            Output.line(NoWorker.TEXT);
        } else {
            Output.line(table.lines(rates, WIDTH).stream().map(line -> line.text().stripTrailing())
                    .collect(Collectors.joining("\n")));
        }
        after.complain();
        return after.refused().isEmpty() ? CommandLine.ExitCode.OK : CommandLine.ExitCode.SOFTWARE;
    }

    private static void write(JsonGenerator generator, List<Rates> rates, Sample sample) throws IOException {
        for (Rates each : rates) {
            if (each.now().isOf(sample)) {
                each.write(generator);
            }
        }
    }
}
