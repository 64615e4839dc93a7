package io.workerpipe.bench.storm;

import io.workerpipe.bench.Entrant;
import io.workerpipe.bench.FlawedRunException;
import io.workerpipe.bench.Plan;
import io.workerpipe.bench.Reading;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/** The library itself: each worker a JVM of its own, with the defaults of {@code Ipc}. */
record WorkerpipeStorm(StormCase storm) implements Entrant {
    private static final Duration LIMIT = Duration.ofSeconds(120);
    /** Before so long without another alert, one that was doubled may still be on its way. */
    private static final Duration QUIET = Duration.ofMillis(100);

    /** After so long what is missing will not come. */
    private static final Duration STUCK = Duration.ofSeconds(5);

    private static final Duration GLANCE = Duration.ofSeconds(1);
    /** The compilers' share of the CPU time, below which the warm-up is over. */
    private static final double COMPILED = 0.05;

    @Override
    public String system() {
        return "workerpipe";
    }

    @Override
    public List<Reading> play(Plan plan) throws FlawedRunException, InterruptedException {
        try (Crew crew = new Crew(plan.logs().resolve(storm.name() + "-" + system() + ".log"))) {
            for (int i = 0; i < storm.workers(); i++) {
                crew.start(worker(i, crew.folder()));
            }
            crew.answers(LIMIT);
            crew.tell("inject");
            long tokens = crew.answers(LIMIT).stream().mapToLong(Long::parseLong).sum();
            warmUp(crew, plan);
            List<Snapshot> before = look(crew);
            double cpuBefore = CpuTime.seconds(crew.pids());
            double compilersBefore = CpuTime.secondsOfCompilers(crew.pids());
            pause(plan.window());
            List<Snapshot> after = look(crew);
            double cpu = CpuTime.seconds(crew.pids()) - cpuBefore;
            double compilers = CpuTime.secondsOfCompilers(crew.pids()) - compilersBefore;
            crew.tell("stop");
            crew.answers(LIMIT);
            check(drained(crew), tokens);
            crew.tell("leave");
            crew.awaitEnd(LIMIT);
            List<Reading> readings = new ArrayList<>(
                    StormReadings.of(rate(before, after), received(before, after), cpu));
            readings.add(new Reading("compilers", "% of that CPU time", 100 * compilers / cpu));
            return readings;
        } catch (IOException e) {
            throw new FlawedRunException(e.toString(), e);
        }
    }

    private ProcessBuilder worker(int index, Path folder) {
        ProcessBuilder command = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin/java").toString(),
                "-XX:+UseSerialGC", "-Xmx64m", "-Xshare:auto", "-XX:-UsePerfData",
                "-XX:-UseDynamicNumberOfCompilerThreads",
                "--enable-native-access=ALL-UNNAMED", "-cp", System.getProperty("java.class.path"),
                StormWorker.class.getName(), Integer.toString(index), Integer.toString(storm.workers()),
                Integer.toString(storm.bytes()), Integer.toString(storm.inFlight()));
        command.environment().put("WORKERPIPE_DIR", folder.toString());
        return command;
    }

    /** With more workers than processors, how long a JVM compiles is anybody's guess: so it is looked at. */
    private static void warmUp(Crew crew, Plan plan) throws IOException, InterruptedException {
        long start = System.nanoTime();
        pause(plan.warmUp());
        while (System.nanoTime() - start < plan.warmUpLimit().toNanos()) {
            double all = CpuTime.seconds(crew.pids());
            double compilers = CpuTime.secondsOfCompilers(crew.pids());
            pause(GLANCE);
            if (CpuTime.secondsOfCompilers(crew.pids()) - compilers < (CpuTime.seconds(crew.pids()) - all)
                    * COMPILED) {
                return;
            }
        }
    }

    private static List<Snapshot> look(Crew crew) throws FlawedRunException, InterruptedException {
        crew.tell("look");
        return crew.answers(LIMIT).stream().map(Snapshot::parse).toList();
    }

    /** The sum of the workers' rates, each by its own clock: with more workers than processors they answer one by one. */
    private static double rate(List<Snapshot> before, List<Snapshot> after) {
        double rate = 0;
        for (int i = 0; i < before.size(); i++) {
            rate += (after.get(i).received() - before.get(i).received()) * 1e9
                    / (after.get(i).nanoTime() - before.get(i).nanoTime());
        }
        return rate;
    }

    private static long received(List<Snapshot> before, List<Snapshot> after) {
        return sum(after).received() - sum(before).received();
    }

    private static Snapshot sum(List<Snapshot> all) {
        return all.stream().reduce(Snapshot.NONE, Snapshot::plus);
    }

    /** The sum of all, when what was in flight has come to rest, and nothing more comes. */
    private Snapshot drained(Crew crew) throws FlawedRunException, InterruptedException {
        Snapshot last = sum(look(crew));
        long lastMove = System.nanoTime();
        for (;;) {
            pause(QUIET);
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

    private static void pause(Duration time) throws InterruptedException {
        long end = System.nanoTime() + time.toNanos();
        for (long left = time.toNanos(); left > 0; left = end - System.nanoTime()) {
            LockSupport.parkNanos(left);
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
        }
    }
}
