package io.workerpipe.bench;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.SequencedSet;

/** {@code report.md}: the same results as tables, and what they depend on. */
final class Report {
    private final StringBuilder text = new StringBuilder();

    private Report() {}

    static String of(Options options, Map<String, String> environment, Tally tally, List<String> leftOut) {
        Report report = new Report();
        List<Result> results = tally.results();
        report.head(options, tally.flaws(), leftOut);
        report.goals(Goals.rows(results));
        report.processes(results.stream().filter(result -> !isPart(result)).toList());
        report.notes(tally.notes());
        report.parts(results.stream().filter(Report::isPart).toList());
        report.environment(environment);
        return report.text.toString();
    }

    private static boolean isPart(Result result) {
        return result.contest.startsWith("part-");
    }

    private void head(Options options, List<String> flaws, List<String> leftOut) {
        line("# Benchmark of " + java.time.LocalDate.now());
        line("");
        line("Made by `" + options.commandLine() + "`. Each figure: the "
                + "median of its runs, and in brackets the least and the most. What the cases are: `bench/README.md`.");
        if (options.mode().equals("smoke")) {
            line("");
            line("**A smoke run: one short run of each. It shows that it works, not how fast it is.**");
        }
        leftOut.forEach(what -> {
            line("");
            line("Left out: " + what + ".");
        });
        line("");
        if (flaws.isEmpty()) {
            line("Checked in every run between processes: each byte of each alert, and that as many alerts (and the same "
                    + "ones) were in flight at the end as at the start. Nothing was lost, doubled or wrong.");
        } else {
            line("**FAILED. These runs are not in the tables:**");
            line("");
            flaws.forEach(flaw -> line("- " + flaw));
        }
        line("");
    }

    private void goals(List<Goals.Row> rows) {
        if (rows.isEmpty()) {
            return;
        }
        line("## Goals");
        line("");
        line("Each ratio is that of two runs of the same round; the median of them counts. What was not run is not here.");
        line("");
        line("| case | metric | workerpipe by | goal | measured | reached |");
        line("| --- | --- | --- | ---: | ---: | --- |");
        rows.forEach(row -> line("| " + String.join(" | ", row.contest(), row.metric(), row.against(), row.goal(),
                row.measured(), switch (row.reached()) {
                    case YES -> "yes";
                    case NO -> "**no**";
                    case NOT_MEASURED -> "not measured";
                }) + " |"));
        line("");
    }

    /** A table for each family of cases: those whose names begin alike. */
    private void processes(List<Result> results) {
        if (results.isEmpty()) {
            return;
        }
        line("## Between processes");
        line("");
        new LinkedHashSet<>(results.stream().map(Report::family).toList()).forEach(
                family -> table(results.stream().filter(result -> family(result).equals(family)).toList()));
    }

    private static String family(Result result) {
        return result.contest.split("-")[0];
    }

    /** One row a case and system, one column a metric. */
    private void table(List<Result> results) {
        SequencedSet<String> metrics = new LinkedHashSet<>();
        results.forEach(result -> metrics.add(column(result)));
        line("| case | system | " + String.join(" | ", metrics) + " | runs |");
        line("| --- | --- |" + " ---: |".repeat(metrics.size() + 1));
        SequencedSet<List<String>> rows = new LinkedHashSet<>();
        results.forEach(result -> rows.add(List.of(result.contest, result.system)));
        for (List<String> row : rows) {
            List<Result> ofRow = results.stream()
                    .filter(result -> List.of(result.contest, result.system).equals(row)).toList();
            StringBuilder cells = new StringBuilder("| " + String.join(" | ", row) + " |");
            for (String metric : metrics) {
                cells.append(' ').append(ofRow.stream().filter(result -> column(result).equals(metric)).findFirst()
                        .map(Report::spread).orElse("")).append(" |");
            }
            line(cells + " " + ofRow.getFirst().runs().size() + " |");
        }
        line("");
    }

    private void notes(List<String> notes) {
        if (!notes.isEmpty()) {
            line("## How systems were used");
            line("");
            notes.forEach(note -> line("- " + note));
            line("");
        }
    }

    private void parts(List<Result> results) {
        if (results.isEmpty()) {
            return;
        }
        line("## Parts (JMH)");
        line("");
        line("One thread in one process, on warm caches: what a step costs by itself, and nothing about two processes.");
        line("");
        line("| case | system | metric | median | runs |");
        line("| --- | --- | --- | ---: | ---: |");
        for (Result result : results) {
            line("| " + String.join(" | ", result.contest, result.system, column(result), spread(result),
                    Integer.toString(result.runs().size())) + " |");
        }
        line("");
    }

    private void environment(Map<String, String> environment) {
        line("## Environment");
        line("");
        line("| what | found |");
        line("| --- | --- |");
        environment.forEach((what, found) -> line("| " + what + " | " + found + " |"));
    }

    private static String column(Result result) {
        return result.metric + ", " + result.unit;
    }

    private static String spread(Result result) {
        return Spread.of(result.runs()).text();
    }

    private void line(String line) {
        text.append(line).append('\n');
    }
}
