package io.workerpipe.bench.process;

import io.workerpipe.bench.FlawedRunException;
import io.workerpipe.bench.Plan;
import java.io.IOException;
import java.time.Duration;
import java.util.List;

/** Waiting until the JVMs of a crew compile no more: how long that takes is anybody's guess, so it is looked at. */
public final class WarmUp {
    private static final Duration LIMIT = Duration.ofSeconds(100);
    private static final Duration GLANCE = Duration.ofMillis(400);
    /** The compilers' share of the CPU time, below which the warm-up is over. */
    private static final double COMPILED = 0.05;
    /**
     * With so many more processes it has to be below for one more glance: among many, what is called seldom comes to be
     * compiled late, and at any moment they may all be waiting for one of them.
     */
    private static final int PROCESSES_A_GLANCE = 4;

    private WarmUp() {}

    /**
     * Has a measurement rehearsed, then lets what runs run, at least as long as the plan says, and not longer than it allows
     * for so many processes.
     *
     * @param measured those that will be measured
     */
    public static void of(Crew crew, List<Crew.Member> measured, Plan plan)
            throws IOException, FlawedRunException, InterruptedException {
        long start = System.nanoTime();
        Measurement.rehearse(crew, measured, LIMIT);
        Pause.of(plan.warmUp());
        int processes = crew.pids().size();
        long limit = plan.warmUpLimit(processes).toNanos();
        int wanted = Math.max(1, processes / PROCESSES_A_GLANCE);
        for (int quiet = 0; quiet < wanted && System.nanoTime() - start < limit;) {
            double all = CpuTime.seconds(crew.pids());
            double compilers = CpuTime.secondsOfCompilers(crew.pids());
            Pause.of(GLANCE);
            compilers = CpuTime.secondsOfCompilers(crew.pids()) - compilers;
            quiet = compilers < (CpuTime.seconds(crew.pids()) - all) * COMPILED ? quiet + 1 : 0;
        }
    }
}
