package io.workerpipe.bench.storm;

import io.workerpipe.bench.Entrant;
import io.workerpipe.bench.FlawedRunException;
import io.workerpipe.bench.Plan;
import io.workerpipe.bench.Reading;
import io.workerpipe.bench.process.Counted;
import io.workerpipe.bench.process.Crew;
import io.workerpipe.bench.process.Jvm;
import io.workerpipe.bench.process.Measurement;
import io.workerpipe.bench.process.Pause;
import io.workerpipe.bench.process.WarmUp;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** The library itself: each worker a JVM of its own, with the defaults of {@code Ipc}. */
record WorkerpipeStorm(StormCase storm) implements Entrant {
    private static final Duration LIMIT = Duration.ofSeconds(120);
    /** Before so long without another alert, one that was doubled may still be on its way. */
    private static final Duration QUIET = Duration.ofMillis(100);

    /** After so long what is missing will not come. */
    private static final Duration STUCK = Duration.ofSeconds(5);

    @Override
    public String system() {
        return "workerpipe";
    }

    @Override
    public List<Reading> play(Plan plan) throws FlawedRunException, InterruptedException {
        try (Crew crew = new Crew(plan.logs().resolve(storm.name() + "-" + system() + ".log"))) {
            List<Crew.Member> workers = new ArrayList<>();
            for (int i = 0; i < storm.workers(); i++) {
                workers.add(crew.start(worker(i, crew.folder())));
            }
            crew.answers(LIMIT);
            crew.tell("inject");
            long tokens = crew.answers(LIMIT).stream().mapToLong(Long::parseLong).sum();
            WarmUp.of(crew, workers, plan);
            Measurement<Snapshot> measured = Measurement.of(crew, workers, plan.window(), Snapshot::parse, LIMIT);
            crew.tell("stop");
            crew.answers(LIMIT);
            check(drained(crew), tokens);
            crew.tell("leave");
            crew.awaitEnd(LIMIT);
            double rate = Counted.rate(measured.before(), measured.after());
            if (rate == 0) {
                throw new FlawedRunException("no alert came in the window of " + plan.window());
            }
            List<Reading> readings = new ArrayList<>(StormReadings.of(rate, measured.processors()));
            readings.add(new Reading("compilers", "% of that CPU time",
                    100 * measured.compilers() / measured.processors()));
            return readings;
        } catch (IOException e) {
            throw new FlawedRunException(e.toString(), e);
        }
    }

    private ProcessBuilder worker(int index, Path folder) {
        return Jvm.command(folder, List.of(), StormWorker.class, Integer.toString(index),
                Integer.toString(storm.workers()), Integer.toString(storm.bytes()),
                Integer.toString(storm.inFlight()));
    }

    private static List<Snapshot> look(Crew crew) throws FlawedRunException, InterruptedException {
        crew.tell("look");
        return crew.answers(LIMIT).stream().map(Snapshot::parse).toList();
    }

    private static Snapshot sum(List<Snapshot> all) {
        return all.stream().reduce(Snapshot.NONE, Snapshot::plus);
    }

    /** The sum of all, when what was in flight has come to rest, and nothing more comes. */
    private Snapshot drained(Crew crew) throws FlawedRunException, InterruptedException {
        Snapshot last = sum(look(crew));
        long lastMove = System.nanoTime();
        for (;;) {
            Pause.of(QUIET);
            Snapshot now = sum(look(crew));
            if (now.received() != last.received()) {
                lastMove = System.nanoTime();
            } else if (now.retired() >= injected() || System.nanoTime() - lastMove > STUCK.toNanos()) {
                return now;
            }
            last = now;
        }
    }

    private long injected() {
        return (long) storm.workers() * storm.inFlight();
    }

    private void check(Snapshot drained, long tokens) throws FlawedRunException {
        if (drained.wrong() + drained.refused() + drained.unwanted() != 0 || drained.retired() != injected()
                || drained.tokens() != tokens) {
            throw new FlawedRunException(injected() + " alerts were in flight, " + drained.retired()
                    + " arrived at last"
                    + (drained.tokens() == tokens ? "" : ", not the same ones") + "; " + drained.wrong() + " wrong, "
                    + drained.refused() + " refused, " + drained.unwanted()
                    + " discarded, failed, skipped, dropped or lost by the library's count");
        }
    }
}
