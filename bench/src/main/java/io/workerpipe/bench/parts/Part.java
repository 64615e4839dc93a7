package io.workerpipe.bench.parts;

import io.workerpipe.bench.Entrant;
import io.workerpipe.bench.FlawedRunException;
import io.workerpipe.bench.Plan;
import io.workerpipe.bench.Reading;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;

/** One benchmark with one size; a run is a fork of JMH, a JVM of its own. */
record Part(Class<?> benchmark, String size) implements Entrant {
    /** Stands for a benchmark that has no sizes. */
    static final String NO_SIZE = "";

    String name() {
        String name = "part-" + benchmark.getSimpleName().replace("Benchmark", "").toLowerCase(java.util.Locale.ROOT);
        return size.equals(NO_SIZE) ? name : name + "-" + size;
    }

    @Override
    public String system() {
        return "workerpipe";
    }

    @Override
    public List<Reading> play(Plan plan) throws FlawedRunException {
        TimeValue iteration = TimeValue.milliseconds(plan.partIteration().toMillis());
        ChainedOptionsBuilder options = new OptionsBuilder().include(benchmark.getName() + "\\.").forks(1)
                .warmupIterations(plan.partIterations()).warmupTime(iteration)
                .measurementIterations(plan.partIterations()).measurementTime(iteration).timeUnit(TimeUnit.NANOSECONDS)
                .shouldFailOnError(true).output(plan.logs().resolve(name() + "-jmh.log").toString());
        if (!size.equals(NO_SIZE)) {
            options.param("size", size);
        }
        try {
            Collection<RunResult> results = new Runner(options.build()).run();
            return results.stream()
                    .map(result -> new Reading("time", "ns/operation", result.getPrimaryResult().getScore())).toList();
        } catch (RunnerException e) {
            throw new FlawedRunException(e.toString(), e);
        }
    }
}
