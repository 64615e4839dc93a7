package io.workerpipe.soak;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The short form of {@code bench/soak.sh}: the same workers, faults and checks. */
@Timeout(600)
class SoakIT {
    private static final Duration LENGTH = Duration.ofSeconds(60);
    private static final Duration ROUND = Duration.ofSeconds(20);

    @Test
    void shouldBalanceToTheAlertWhenWorkersAreKilledStoppedFloodedAndLiedTo() throws Exception {
        long seed = Long.getLong("soak.seed", System.nanoTime() % 1_000_000_000);
        Path folder = Files.createTempDirectory("workerpipe-soak-");

        String wrong = Soak.run(new SoakOptions(LENGTH, ROUND, seed, 8, folder));

        assertThat(wrong).as("again: -Dit.test=SoakIT -Dsoak.seed=" + seed + "; journals and logs are in " + folder)
                .isNull();
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
