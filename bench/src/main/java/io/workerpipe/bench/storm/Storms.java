package io.workerpipe.bench.storm;

import io.workerpipe.bench.Contest;
import io.workerpipe.bench.Entrant;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** The four cases, and the first of them with more and more workers, with all systems that can take part. */
public final class Storms {
    private Storms() {}

    /**
     * @param built   where {@code run.sh} puts the program in C
     * @param leftOut told which systems cannot take part, and why
     */
    public static List<Contest> contests(Path built, List<String> leftOut) {
        Path program = built.resolve("storm");
        boolean hasProgram = Files.isExecutable(program);
        if (!hasProgram) {
            leftOut.add("`c-pipe` and `ancestor-c`, since there is no C compiler");
        }
        return Stream.concat(StormCase.all().stream(), StormCase.scale().stream()).map(storm -> {
            List<Entrant> entrants = new ArrayList<>();
            entrants.add(new WorkerpipeStorm(storm));
            if (hasProgram) {
                entrants.add(new ProgramStorm(program, "c-pipe", storm));
                entrants.add(new ProgramStorm(program, "ancestor-c", storm));
            }
            return new Contest(storm.name(), entrants);
        }).toList();
    }
}
