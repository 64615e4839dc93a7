package io.workerpipe.bench.performer;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LatenciesTest {
    private final Latencies latencies = new Latencies();

    @Test
    void shouldKeepWhatBeginsInTheWindowWheneverItEnds(@TempDir Path folder) throws Exception {
        latencies.add(1_000, 1_001);
        latencies.setWindow(0, 0);
        latencies.add(1_000, 1_001);
        latencies.setWindow(2_000, 3_000);
        latencies.add(1_999, 2_001);
        latencies.add(2_000, 2_003);
        latencies.add(2_000, 2_003);
        latencies.add(2_999, 3_199);
        latencies.add(3_000, 3_005);
        Path file = folder.resolve("latencies");
        latencies.write(file);
        assertThat(Files.readAllLines(file)).containsExactly("3 2", "200 1");
    }
}
