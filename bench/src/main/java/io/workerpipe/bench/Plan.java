package io.workerpipe.bench;

import java.nio.file.Path;
import java.time.Duration;

/**
 * How much is run.
 *
 * @param mode           smoke, default or full
 * @param rounds         runs of each system in each case
 * @param warmUp         before the measured window of a run between JVMs, at least: what has not yet been called often enough to
 *                       be compiled well makes no compiler busy
 * @param warmUpLimit    the same, at most, with two processes: so long is waited for JVMs that still compile
 * @param warmUpPerProcess as much longer for each further process
 * @param window         the measured window
 * @param partIterations of a part's run: so many to warm up, then so many measured
 * @param partIteration  length of each
 * @param logs           a folder for what processes say on standard error
 */
public record Plan(String mode, int rounds, Duration warmUp, Duration warmUpLimit, Duration warmUpPerProcess,
        Duration window, int partIterations, Duration partIteration, Path logs) {

    /** @param rounds 0: as the mode says */
    static Plan of(String mode, int rounds, Path logs) {
        Plan plan = switch (mode) {
            case "smoke" ->
                new Plan(mode, 1, Duration.ofMillis(500), Duration.ofMillis(500), Duration.ofMillis(50),
                        Duration.ofMillis(500), 2, Duration.ofMillis(250), logs);
            case "default" ->
                new Plan(mode, 5, Duration.ofSeconds(2), Duration.ofSeconds(6), Duration.ofSeconds(4),
                        Duration.ofSeconds(1), 2, Duration.ofMillis(300), logs);
            case "full" ->
                new Plan(mode, 5, Duration.ofSeconds(3), Duration.ofSeconds(6), Duration.ofSeconds(4),
                        Duration.ofSeconds(2), 3, Duration.ofMillis(500), logs);
            default -> throw new IllegalArgumentException("no such mode: " + mode);
        };
        return rounds == 0 ? plan : plan.withRounds(rounds);
    }

    private Plan withRounds(int other) {
        return new Plan(mode, other, warmUp, warmUpLimit, warmUpPerProcess, window, partIterations, partIteration,
                logs);
    }

    /** For a look at which of several ways is best. */
    public Plan briefly() {
        return new Plan(mode, 1, Duration.ofMillis(600), Duration.ofMillis(600), Duration.ofMillis(20),
                Duration.ofMillis(400), partIterations, partIteration, logs);
    }

    /** Whether to try every way of using a system before the best is taken, or only to look around. */
    public boolean wholeGrid() {
        return mode.equals("full");
    }

    /** How long an idle worker is watched: from one of its looks at the roster's place to the next. */
    public Duration idle() {
        return isSmoke() ? Duration.ofSeconds(1) : Duration.ofSeconds(5);
    }

    /** How long it is left alone before: its first look loads classes. */
    public Duration firstLook() {
        return isSmoke() ? Duration.ZERO : Duration.ofSeconds(5);
    }

    /** Whether it is only to be seen that it works. */
    public boolean isSmoke() {
        return mode.equals("smoke");
    }

    /** How long JVMs that still compile are waited for. */
    public Duration warmUpLimit(int processes) {
        return warmUpLimit.plus(warmUpPerProcess.multipliedBy(Math.max(0, processes - 2)));
    }
}
