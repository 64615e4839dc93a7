package io.workerpipe.soak;

import java.nio.file.Path;
import java.time.Duration;

/**
 * What a soak is asked for.
 *
 * @param round  how long traffic and faults go on before the balance is made
 * @param folder a new one, for all that it leaves
 */
record SoakOptions(Duration length, Duration round, long seed, int workers, Path folder) {
    private static final Duration ROUND = Duration.ofSeconds(60);

    /** @param arguments minutes, seed, workers: as {@code bench/soak.sh} has checked them */
    static SoakOptions parse(String[] arguments, Path folder) {
        return new SoakOptions(Duration.ofMinutes(Long.parseLong(arguments[0])), ROUND, Long.parseLong(arguments[1]),
                Integer.parseInt(arguments[2]), folder);
    }
}
