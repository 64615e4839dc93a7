package io.workerpipe.bench;

import io.workerpipe.bench.parts.Parts;
import io.workerpipe.bench.storm.Storms;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Runs all cases; started by {@code bench/run.sh}. */
public final class Main {
    private final Plan plan;
    private final Tally tally = new Tally();

    private Main(Plan plan) {
        this.plan = plan;
    }

    /** @param arguments the mode, and a part of the names of the cases to run, or an empty text */
    public static void main(String[] arguments) throws Exception {
        Path bench = Path.of(System.getProperty("bench.folder"));
        Path latest = bench.resolve("results/latest");
        String only = arguments[1];

        List<String> leftOut = new ArrayList<>();
        List<Contest> contests = new ArrayList<>();
        contests.addAll(Storms.contests(bench.resolve("target"), leftOut));
        contests.addAll(Parts.contests());
        contests.removeIf(contest -> !contest.name().contains(only));
        if (contests.isEmpty()) {
            System.err.println("bench: no case has '" + only + "' in its name; bench/README.md says which there are");
            System.exit(2);
        }

        empty(latest);
        Path logs = Files.createDirectories(latest.resolve("logs"));
        Map<String, String> environment = Environment.look();
        Main main = new Main(Plan.of(arguments[0], logs));
        try {
            for (Contest contest : contests) {
                main.hold(contest);
            }
        } catch (InterruptedException e) {
            // Somebody ends the bench: half a result is none.
            return;
        }
        List<String> flaws = main.tally.flaws();
        ResultsFile.write(latest.resolve("results.json"), main.tally.results());
        Files.writeString(latest.resolve("report.md"),
                Report.of(main.plan, environment, main.tally.results(), flaws, leftOut));
        removeEmptyLogs(logs);
        System.out.println("bench: " + latest.resolve("report.md"));
        flaws.forEach(flaw -> System.err.println("bench: FAILED: " + flaw));
        System.exit(flaws.isEmpty() ? 0 : 1);
    }

    private void hold(Contest contest) throws InterruptedException {
        for (int round = 1; round <= plan.rounds(); round++) {
            for (Entrant entrant : contest.entrants()) {
                String what = contest.name() + " " + entrant.system() + " " + round + "/" + plan.rounds() + ": ";
                try {
                    List<Reading> readings = entrant.play(plan);
                    readings.forEach(reading -> tally.add(contest.name(), entrant.system(), reading));
                    System.out.println(what + readings.stream()
                            .map(reading -> Figure.of(reading.value()) + " " + reading.unit())
                            .collect(Collectors.joining(", ")));
                } catch (FlawedRunException e) {
                    tally.flaw(contest.name(), entrant.system(), e.getMessage());
                    System.out.println(what + "FAILED: " + e.getMessage());
                }
            }
        }
    }

    private static void empty(Path folder) throws IOException {
        if (Files.exists(folder)) {
            Folders.delete(folder);
        }
        Files.createDirectories(folder);
    }

    private static void removeEmptyLogs(Path logs) throws IOException {
        try (Stream<Path> files = Files.list(logs)) {
            for (Path file : files.toList()) {
                if (Files.size(file) == 0) {
                    Files.delete(file);
                }
            }
        }
    }
}
