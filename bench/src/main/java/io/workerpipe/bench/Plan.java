package io.workerpipe.bench;

import java.nio.file.Path;
import java.time.Duration;

/**
 * How much is run.
 *
 * @param rounds        runs of each system in each case
 * @param warmUp        before the measured window of a run
 * @param window        the measured window
 * @param partForks     JVMs for each benchmark of a part
 * @param partRuns      measured iterations in each of them
 * @param partIteration length of an iteration
 * @param logs          a folder for what processes say on standard error
 */
public record Plan(String mode, int rounds, Duration warmUp, Duration window, int partForks, int partRuns,
        Duration partIteration, Path logs) {

    static Plan of(String mode, Path logs) {
        return switch (mode) {
            case "smoke" -> new Plan(mode, 1, Duration.ofMillis(2000), Duration.ofMillis(2000), 1, 2,
                    Duration.ofMillis(500), logs);
            case "default" -> new Plan(mode, 5, Duration.ofSeconds(4), Duration.ofSeconds(4), 2, 5,
                    Duration.ofSeconds(1), logs);
            default -> throw new IllegalArgumentException("no such mode: " + mode);
        };
    }
}
