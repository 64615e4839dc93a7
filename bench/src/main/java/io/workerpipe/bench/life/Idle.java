package io.workerpipe.bench.life;

import io.workerpipe.bench.Contest;
import io.workerpipe.bench.Entrant;
import io.workerpipe.bench.FlawedRunException;
import io.workerpipe.bench.Plan;
import io.workerpipe.bench.Reading;
import io.workerpipe.bench.process.CpuTime;
import io.workerpipe.bench.process.Crew;
import io.workerpipe.bench.process.Jvm;
import io.workerpipe.bench.process.Pause;
import java.io.IOException;
import java.time.Duration;
import java.util.List;

/**
 * CPU time of a worker that nobody sends to, and of a JVM that is no worker, for comparison.
 *
 * @param joins whether it is a worker
 */
record Idle(String system, boolean joins) implements Entrant {
    /** What the kernel calls the library's threads: the JVM leaves out the middle of long names. */
    private static final String LIBRARY = "workerp";
    private static final Duration LIMIT = Duration.ofSeconds(60);
    /** What starting has left to do. */
    private static final Duration SETTLING = Duration.ofSeconds(1);

    static Contest contest() {
        return new Contest("idle", List.of(new Idle("workerpipe", true), new Idle("jvm", false)));
    }

    @Override
    public List<Reading> play(Plan plan) throws FlawedRunException, InterruptedException {
        try (Crew crew = new Crew(plan.logs().resolve("idle-" + system + ".log"))) {
            crew.start(Jvm.command(crew.folder(), List.of(), IdleWorker.class, Boolean.toString(joins)));
            crew.answers(LIMIT);
            Pause.of(SETTLING.plus(joins ? plan.firstLook() : Duration.ZERO));
            if (joins == (CpuTime.threads(crew.pids().getFirst(), LIBRARY) == 0)) {
                throw new FlawedRunException(
                        "a worker must have threads called " + LIBRARY + "..., and another JVM none");
            }
            double all = CpuTime.exactSeconds(crew.pids(), "");
            double own = CpuTime.exactSeconds(crew.pids(), LIBRARY);
            long start = System.nanoTime();
            Pause.of(plan.idle());
            double seconds = (System.nanoTime() - start) / 1e9;
            all = CpuTime.exactSeconds(crew.pids(), "") - all;
            own = CpuTime.exactSeconds(crew.pids(), LIBRARY) - own;
            crew.tell("leave");
            crew.awaitEnd(LIMIT);
            return List.of(new Reading("idle, the library's threads", "CPU ms per s", 1000 * own / seconds),
                    new Reading("idle, all threads", "CPU ms per s", 1000 * all / seconds));
        } catch (IOException e) {
            throw new FlawedRunException(e.toString(), e);
        }
    }
}
