package io.workerpipe.cli;

import com.fasterxml.jackson.core.JsonGenerator;
import io.workerpipe.roster.Counter;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code workerpipe stat}. */
@Command(name = "stat", mixinStandardHelpOptions = true, sortOptions = false, description = "Prints all counters of the live workers, a column each.", footer = {
        "", "docs/operations.md says what each of them counts.", "", "Examples:", "  workerpipe stat --group web",
        "  workerpipe stat --watch 10 --json >> counters.log"})
final class Stat implements Callable<Integer> {
    private static final int WIDTH = 80;
    private static final String TOTAL = "total";

    @Mixin
    private OneGroupOption only;

    @Option(names = {"-w",
            "--watch"}, paramLabel = "SECONDS", arity = "0..1", fallbackValue = "2", converter = Seconds.class, description = "Again and again, every 2 seconds or as many as are given, until Ctrl-C.")
    private Duration watch;

    @Option(names = "--json", description = "A JSON array of objects; with --watch one a line.")
    private boolean json;

    @Override
    public Integer call() throws IOException, InterruptedException {
        boolean ok = print();
        while (watch != null) {
            Thread.sleep(watch);
            if (!json) {
                Output.line("");
            }
            ok = print();
        }
        return ok ? CommandLine.ExitCode.OK : CommandLine.ExitCode.SOFTWARE;
    }

    private boolean print() throws IOException {
        Survey survey = Survey.take(only.group);
        Output.line(json ? survey.json(watch == null, Stat::writeCounters) : tables(survey.samples()));
        survey.complain();
        return survey.refused().isEmpty();
    }

    private static void writeCounters(JsonGenerator generator, Sample sample) throws IOException {
        sample.writeCounters(generator);
    }

    private static String tables(List<Sample> samples) {
        if (samples.isEmpty()) {
            return NoWorker.TEXT;
        }
        Map<String, List<Sample>> groups = samples.stream()
                .collect(Collectors.groupingBy(Sample::group, LinkedHashMap::new, Collectors.toList()));
        return groups.entrySet().stream().map(each -> table(each.getKey(), each.getValue()))
                .collect(Collectors.joining("\n\n"));
    }

    /** Columns that do not fit beside each other come below. */
    private static String table(String group, List<Sample> samples) {
        List<List<String>> columns = new ArrayList<>();
        samples.forEach(each -> columns.add(column(each)));
        if (samples.size() > 1) {
            columns.add(totals(samples));
        }
        List<String> names = new ArrayList<>(List.of("group " + group, "label"));
        for (Counter counter : Counter.values()) {
            names.add(Sample.nameOf(counter));
        }
        int first = widest(names);
        List<String> blocks = new ArrayList<>();
        for (int from = 0; from < columns.size();) {
            int to = from;
            int width = first;
            while (to < columns.size() && (to == from || width + 2 + widest(columns.get(to)) <= WIDTH)) {
                width += 2 + widest(columns.get(to++));
            }
            blocks.add(block(names, first, columns.subList(from, to)));
            from = to;
        }
        return String.join("\n\n", blocks);
    }

    private static String block(List<String> names, int first, List<List<String>> columns) {
        List<String> lines = new ArrayList<>();
        for (int row = 0; row < names.size(); row++) {
            StringBuilder line = new StringBuilder(String.format("%-" + first + "s", names.get(row)));
            for (List<String> column : columns) {
                line.append(String.format("  %" + widest(column) + "s", column.get(row)));
            }
            lines.add(line.toString().stripTrailing());
        }
        return String.join("\n", lines);
    }

    private static List<String> column(Sample sample) {
        List<String> column = new ArrayList<>(
                List.of(Integer.toString(sample.entry().pid()), OneLine.of(sample.entry().label())));
        for (Counter counter : Counter.values()) {
            column.add(Long.toString(sample.get(counter)));
        }
        return column;
    }

    private static List<String> totals(List<Sample> samples) {
        List<String> column = new ArrayList<>(List.of(TOTAL, ""));
        for (Counter counter : Counter.values()) {
            column.add(switch (counter) {
                // A time and a process have no sum.
                case LAST_ALERT_IN, FULLEST_RECEIVER, FULLEST_BYTES -> "";
                default -> Long.toString(samples.stream().mapToLong(each -> each.get(counter)).sum());
            });
        }
        return column;
    }

    private static int widest(List<String> texts) {
        return texts.stream().mapToInt(String::length).max().orElse(0);
    }
}
