package io.workerpipe.bench;

import io.workerpipe.bench.carrier.Carriers;
import io.workerpipe.bench.flow.Flows;
import io.workerpipe.bench.large.Large;
import io.workerpipe.bench.life.Lives;
import io.workerpipe.bench.parts.Parts;
import io.workerpipe.bench.stall.Stall;
import io.workerpipe.bench.storm.Storms;
import io.workerpipe.bench.trip.Trips;
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
    private final Distance distance = new Distance();

    private Main(Plan plan) {
        this.plan = plan;
    }

    /** @param arguments mode; parts of names of cases; systems; rounds: the last three may be empty */
    public static void main(String[] arguments) throws Exception {
        Options options = Options.parse(arguments, Path.of(System.getProperty("bench.folder")));
        Path latest = options.bench().resolve("results/latest");
        List<String> leftOut = new ArrayList<>();
        List<Contest> contests = options.select(everything(options.bench().resolve("target"), leftOut));
        if (contests.isEmpty()) {
            System.err.println("bench: no case and system is called that: " + options.only() + " " + options.systems()
                    + "; bench/README.md says which there are");
            System.exit(2);
        }

        empty(latest);
        Path logs = Files.createDirectories(latest.resolve("logs"));
        Map<String, String> environment = Environment.look();
        Main main = new Main(Plan.of(options.mode(), options.rounds(), logs));
        try {
            for (Contest contest : contests) {
                main.hold(contest);
            }
        } catch (InterruptedException e) {
            // Somebody ends the bench: half a result is none.
            return;
        }
        environment.put("A word between two processors and back", main.distance.text());
        Tally tally = main.tally;
        ResultsFile.write(latest.resolve("results.json"), tally.results());
        Files.writeString(latest.resolve("report.md"), Report.of(options, environment, tally, leftOut));
        Plots.draw(latest, tally.results());
        removeEmptyLogs(logs);
        System.out.println("bench: " + latest.resolve("report.md"));
        tally.flaws().forEach(flaw -> System.err.println("bench: FAILED: " + flaw));
        System.exit(tally.flaws().isEmpty() ? 0 : 1);
    }

    /**
     * All cases with all systems.
     *
     * @param built   where {@code run.sh} puts the programs in C
     * @param leftOut told which systems cannot take part, and why
     */
    static List<Contest> everything(Path built, List<String> leftOut) {
        List<Contest> all = new ArrayList<>();
        Carriers carriers = new Carriers(built);
        List<Contest> flows = Flows.contests(carriers);
        all.addAll(flows);
        all.addAll(Trips.roundTrips(carriers));
        all.addAll(Trips.rates(
                flows.stream().filter(contest -> contest.name().equals("pair-100")).findFirst().orElseThrow()));
        all.add(Large.contest(carriers));
        all.add(Stall.contest());
        all.addAll(Lives.contests());
        all.addAll(Storms.contests(built, leftOut));
        all.addAll(Parts.contests());
        return all;
    }

    private void hold(Contest contest) throws InterruptedException {
        for (int round = 1; round <= plan.rounds(); round++) {
            System.out.println(contest.name() + " " + round + "/" + plan.rounds() + ": " + distance.measure()
                    + " ns between two processors and back");
            for (Entrant entrant : contest.entrants()) {
                play(contest, entrant, round);
            }
        }
        contest.entrants().forEach(entrant -> entrant.notes().forEach(note -> tally.note(contest.name(), note)));
    }

    private void play(Contest contest, Entrant entrant, int round) throws InterruptedException {
        String what = contest.name() + " " + entrant.system() + " " + round + "/" + plan.rounds() + ": ";
        try {
            List<Reading> readings = entrant.play(plan);
            readings.forEach(reading -> tally.add(contest.name(), entrant.system(), round, reading));
            System.out.println(what + readings.stream()
                    .map(reading -> Figure.of(reading.value()) + " " + reading.unit())
                    .collect(Collectors.joining(", ")));
        } catch (FlawedRunException e) {
            tally.flaw(contest.name(), entrant.system(), e.getMessage());
            System.out.println(what + "FAILED: " + e.getMessage());
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
