package io.workerpipe.bench;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What {@code run.sh} was told.
 *
 * @param mode    smoke, default or full
 * @param only    parts of the names of the cases to run; none: all of the mode's
 * @param systems to run; none: all of the mode's
 * @param rounds  0: the mode's
 * @param bench   the folder of the benchmarks
 */
record Options(String mode, List<String> only, List<String> systems, int rounds, Path bench) {
    static Options parse(String[] arguments, Path bench) {
        return new Options(arguments[0], list(arguments[1]), list(arguments[2]),
                arguments[3].isEmpty() ? 0 : Integer.parseInt(arguments[3]), bench);
    }

    private static List<String> list(String text) {
        return Arrays.stream(text.split(",")).filter(part -> !part.isBlank()).map(String::strip).toList();
    }

    /** The cases and systems that were asked for; where nothing was, those of the mode. */
    List<Contest> select(List<Contest> all) {
        List<Contest> selected = new ArrayList<>();
        for (Contest contest : named(all)) {
            List<Entrant> entrants = contest.entrants().stream().filter(entrant -> wants(contest, entrant)).toList();
            if (!entrants.isEmpty()) {
                selected.add(new Contest(contest.name(), entrants));
            }
        }
        return selected;
    }

    private boolean wants(Contest contest, Entrant entrant) {
        if (!systems.isEmpty()) {
            return systems.contains(entrant.system());
        }
        Program program = Program.of(mode);
        return program.has(contest.name()) || only.isEmpty() ? program.has(contest.name(), entrant.system()) : true;
    }

    /** A part that is a whole name means that case, and no other whose name contains it. */
    private List<Contest> named(List<Contest> all) {
        Set<String> names = all.stream().map(Contest::name).collect(Collectors.toSet());
        return all.stream().filter(contest -> only.isEmpty() || only.stream().anyMatch(
                part -> names.contains(part) ? part.equals(contest.name()) : contest.name().contains(part))).toList();
    }

    /** As it was typed. */
    String commandLine() {
        StringBuilder line = new StringBuilder("bench/run.sh");
        if (!mode.equals("default")) {
            line.append(" --").append(mode);
        }
        if (!only.isEmpty()) {
            line.append(" --only ").append(String.join(",", only));
        }
        if (!systems.isEmpty()) {
            line.append(" --systems ").append(String.join(",", systems));
        }
        if (rounds > 0) {
            line.append(" --rounds ").append(rounds);
        }
        return line.toString();
    }
}
