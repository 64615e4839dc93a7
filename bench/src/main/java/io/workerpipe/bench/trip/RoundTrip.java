package io.workerpipe.bench.trip;

import io.workerpipe.bench.Entrant;
import io.workerpipe.bench.FlawedRunException;
import io.workerpipe.bench.Plan;
import io.workerpipe.bench.Reading;
import io.workerpipe.bench.carrier.Carrier;
import io.workerpipe.bench.carrier.Scene;
import io.workerpipe.bench.latency.Percentiles;
import io.workerpipe.bench.performer.Look;
import io.workerpipe.bench.process.Counted;
import io.workerpipe.bench.process.Crew;
import io.workerpipe.bench.process.Measurement;
import io.workerpipe.bench.process.Pause;
import io.workerpipe.bench.process.WarmUp;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * One alert goes to and fro between two processes.
 *
 * @param variant of the system; empty if there is but one
 */
record RoundTrip(Carrier carrier, Scene scene, String variant) implements Entrant {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    /** After so long the last one will not come back. */
    private static final Duration STUCK = Duration.ofSeconds(5);
    private static final Duration QUIET = Duration.ofMillis(20);
    private static final Duration WARM_UP_OF_C = Duration.ofMillis(300);
    private static final int PINGER = 0;
    private static final int ECHO = 1;

    @Override
    public String system() {
        return carrier.system();
    }

    @Override
    public List<String> notes() {
        return variant.isEmpty() ? List.of() : List.of(system() + " uses " + variant);
    }

    @Override
    public List<Reading> play(Plan plan) throws FlawedRunException, InterruptedException {
        try (Crew crew = new Crew(plan.logs().resolve(scene.name() + "-" + system() + ".log"))) {
            List<Crew.Member> helpers = carrier.prepare(crew);
            List<Crew.Member> echo = List
                    .of(crew.start(carrier.performer("echo", scene, ECHO, variant, crew.folder())));
            List<Crew.Member> pinger = List
                    .of(crew.start(carrier.performer("ping", scene, PINGER, variant, crew.folder())));
            crew.answers(echo, LIMIT);
            crew.answers(pinger, LIMIT);
            ask(crew, pinger, "go");
            if (carrier.isJava()) {
                WarmUp.of(crew, pinger, plan);
            } else {
                Pause.of(WARM_UP_OF_C);
            }
            Measurement<Look> measured = Measurement.of(crew, pinger, plan.window(), Look::parse, LIMIT);
            ask(crew, pinger, "stop");
            check(crew, pinger, echo);
            double rate = Counted.rate(measured.before(), measured.after());
            if (rate == 0) {
                throw new FlawedRunException("none came back in the window of " + plan.window());
            }
            Path file = crew.folder().resolve("latencies");
            ask(crew, pinger, "latencies " + file);
            List<Reading> readings = new ArrayList<>(Percentiles.of(Percentiles.read(file)));
            readings.add(new Reading("cpu", "CPU s per million round trips",
                    measured.processors() * 1e6 / rate));
            for (List<Crew.Member> some : List.of(pinger, echo, helpers)) {
                crew.tell(some, "leave");
                crew.awaitEnd(some, LIMIT);
            }
            return readings;
        } catch (IOException e) {
            throw new FlawedRunException(e.toString(), e);
        }
    }

    /** Every one that came to the other has come back, the last one too. */
    private static void check(Crew crew, List<Crew.Member> pinger, List<Crew.Member> echo)
            throws FlawedRunException, InterruptedException {
        long end = System.nanoTime() + STUCK.toNanos();
        for (;;) {
            Look back = look(crew, pinger);
            Look there = look(crew, echo);
            if (back.wrong() == 0 && back.alerts() == there.alerts()) {
                return;
            }
            if (back.wrong() != 0 || System.nanoTime() > end) {
                throw new FlawedRunException(there.alerts() + " came to the other, " + back.alerts() + " came back; "
                        + back.wrong() + " were wrong");
            }
            Pause.of(QUIET);
        }
    }

    private static Look look(Crew crew, List<Crew.Member> one) throws FlawedRunException, InterruptedException {
        return Look.parse(ask(crew, one, "look"));
    }

    private static String ask(Crew crew, List<Crew.Member> one, String line)
            throws FlawedRunException, InterruptedException {
        crew.tell(one, line);
        return crew.answers(one, LIMIT).getFirst();
    }
}
