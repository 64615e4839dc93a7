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
    static final int MOST_MINUTES = 600;
    static final int MOST_WORKERS = 64;
    private static final Duration ROUND = Duration.ofSeconds(60);

    /** @throws IllegalArgumentException with what is wrong, and what is expected */
    static SoakOptions parse(String[] arguments, Path folder) {
        int minutes = 0;
        long seed = System.nanoTime() & Integer.MAX_VALUE;
        int workers = 8;
        for (int i = 0; i < arguments.length; i += 2) {
            String value = i + 1 < arguments.length ? arguments[i + 1] : "";
            switch (arguments[i]) {
                case "--minutes" -> minutes = (int) number("--minutes", value, 1, MOST_MINUTES);
                case "--seed" -> seed = number("--seed", value, Long.MIN_VALUE, Long.MAX_VALUE);
                case "--workers" -> workers = (int) number("--workers", value, 2, MOST_WORKERS);
                default -> throw new IllegalArgumentException(
                        "unknown argument '" + arguments[i] + "': see bench/soak.sh --help");
            }
        }
        if (minutes == 0) {
            throw new IllegalArgumentException("how long? --minutes 1 to " + MOST_MINUTES + " is needed");
        }
        return new SoakOptions(Duration.ofMinutes(minutes), ROUND, seed, workers, folder);
    }

    private static long number(String option, String value, long least, long most) {
        try {
            long number = Long.parseLong(value);
            if (number >= least && number <= most) {
                return number;
            }
        } catch (NumberFormatException e) {
            // Said below.
        }
        throw new IllegalArgumentException(option + " needs a whole number"
                + (least == Long.MIN_VALUE ? "" : " from " + least + " to " + most) + ", not '" + value + "'");
    }
}
