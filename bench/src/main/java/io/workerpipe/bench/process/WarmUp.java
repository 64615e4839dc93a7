package io.workerpipe.bench.process;

import io.workerpipe.bench.Plan;
import java.io.IOException;
import java.time.Duration;

/** Waiting until the JVMs of a crew compile no more: how long that takes is anybody's guess, so it is looked at. */
public final class WarmUp {
    private static final Duration GLANCE = Duration.ofMillis(400);
    /** The compilers' share of the CPU time, below which the warm-up is over. */
    private static final double COMPILED = 0.05;

    private WarmUp() {}

    /** Lets what runs run, at least as long as the plan says, and not longer than it allows for so many processes. */
    public static void of(Crew crew, Plan plan) throws IOException, InterruptedException {
        long start = System.nanoTime();
        Pause.of(plan.warmUp());
        long limit = plan.warmUpLimit(crew.pids().size()).toNanos();
        while (System.nanoTime() - start < limit) {
            double all = CpuTime.seconds(crew.pids());
            double compilers = CpuTime.secondsOfCompilers(crew.pids());
            Pause.of(GLANCE);
            if (CpuTime.secondsOfCompilers(crew.pids()) - compilers < (CpuTime.seconds(crew.pids()) - all) * COMPILED) {
                return;
            }
        }
    }
}
