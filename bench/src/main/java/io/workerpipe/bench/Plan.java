package io.workerpipe.bench;

import java.nio.file.Path;
import java.time.Duration;

/**
 * How much is run.
 *
 * @param rounds         runs of each system in each case
 * @param warmUp         before the measured window of a run between processes, at least
 * @param warmUpLimit    the same, at most: so long is waited for JVMs that still compile
 * @param window         the measured window
 * @param partIterations of a part's run: so many to warm up, then so many measured
 * @param partIteration  length of each
 * @param logs           a folder for what processes say on standard error
 */
public record Plan(String mode, int rounds, Duration warmUp, Duration warmUpLimit, Duration window, int partIterations,
        Duration partIteration, Path logs) {

    static Plan of(String mode, Path logs) {
        return switch (mode) {
            case "smoke" ->
                new Plan(mode, 1, Duration.ofMillis(1500), Duration.ofMillis(1500), Duration.ofMillis(1500), 2,
                        Duration.ofMillis(250), logs);
            case "default" ->
                new Plan(mode, 5, Duration.ofSeconds(2), Duration.ofSeconds(20), Duration.ofSeconds(4), 3,
                        Duration.ofMillis(500), logs);
            default -> throw new IllegalArgumentException("no such mode: " + mode);
        };
    }
}
