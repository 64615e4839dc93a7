package io.workerpipe.bench.storm;

import io.workerpipe.bench.Entrant;
import io.workerpipe.bench.FlawedRunException;
import io.workerpipe.bench.Plan;
import io.workerpipe.bench.Reading;
import io.workerpipe.bench.process.Crew;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** One of the ways of {@code storm.c}, which starts its workers, measures and checks by itself. */
record ProgramStorm(Path program, String system, StormCase storm) implements Entrant {
    /** Nothing is compiled on the way: only caches and pipes have to fill. */
    private static final Duration WARM_UP = Duration.ofMillis(500);

    @Override
    public List<Reading> play(Plan plan) throws FlawedRunException, InterruptedException {
        Duration limit = plan.window().plusSeconds(60);
        try (Crew crew = new Crew(plan.logs().resolve(storm.name() + "-" + system + ".log"))) {
            crew.start(new ProcessBuilder(program.toString(), system, Integer.toString(storm.workers()),
                    Integer.toString(storm.bytes()), Integer.toString(storm.inFlight()),
                    Long.toString(WARM_UP.toMillis()), Long.toString(plan.window().toMillis())));
            String[] said = crew.answers(limit).getFirst().split(" ");
            crew.awaitEnd(limit);
            return StormReadings.of(Double.parseDouble(said[0]), Double.parseDouble(said[1]));
        } catch (IOException e) {
            throw new FlawedRunException(e.toString(), e);
        }
    }
}
