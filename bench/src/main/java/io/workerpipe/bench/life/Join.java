package io.workerpipe.bench.life;

import io.workerpipe.bench.Contest;
import io.workerpipe.bench.Entrant;
import io.workerpipe.bench.FlawedRunException;
import io.workerpipe.bench.Plan;
import io.workerpipe.bench.Reading;
import io.workerpipe.bench.process.Crew;
import io.workerpipe.bench.process.Jvm;
import java.io.IOException;
import java.time.Duration;
import java.util.List;

/** How long it takes to join: the first time in a JVM, and again. */
record Join() implements Entrant {
    private static final Duration LIMIT = Duration.ofSeconds(60);

    static Contest contest() {
        return new Contest("join", List.of(new Join()));
    }

    @Override
    public String system() {
        return "workerpipe";
    }

    @Override
    public List<Reading> play(Plan plan) throws FlawedRunException, InterruptedException {
        try (Crew crew = new Crew(plan.logs().resolve("join.log"))) {
            crew.start(Jvm.command(crew.folder(), List.of(), Joiner.class));
            String[] said = crew.answers(LIMIT).getFirst().split(" ");
            crew.awaitEnd(LIMIT);
            return List.of(new Reading("join in a fresh JVM", "ms", Long.parseLong(said[0]) / 1e6),
                    new Reading("join in a warm JVM", "ms", Long.parseLong(said[1]) / 1e6));
        } catch (IOException e) {
            throw new FlawedRunException(e.toString(), e);
        }
    }
}
