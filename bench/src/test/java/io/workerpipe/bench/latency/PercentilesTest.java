package io.workerpipe.bench.latency;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.workerpipe.bench.FlawedRunException;
import io.workerpipe.bench.Reading;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PercentilesTest {
    @TempDir
    Path folder;

    private List<Reading> of(List<String> lines) throws Exception {
        return Percentiles.of(Percentiles.read(Files.write(folder.resolve("latencies"), lines)));
    }

    @Test
    void shouldTellPercentilesInMicroseconds() throws Exception {
        List<Reading> readings = of(
                IntStream.rangeClosed(1, 10_000).mapToObj(n -> Integer.toString(n * 1000)).toList());

        assertThat(readings).extracting(Reading::metric).containsExactly("p50", "p99", "p99.9", "p99.99", "max");
        assertThat(readings).extracting(Reading::unit).containsOnly("us");
        double[] wanted = {5000, 9900, 9990, 9999, 10_000};
        for (int i = 0; i < wanted.length; i++) {
            assertThat(readings.get(i).value()).isCloseTo(wanted[i], within(wanted[i] / 900));
        }
    }

    @Test
    void shouldCountWhatComesWithACount() throws Exception {
        Histogram histogram = Percentiles
                .read(Files.write(folder.resolve("latencies"), List.of("1000 98", "7000", "9000 1")));

        assertThat(histogram.getTotalCount()).isEqualTo(100);
        assertThat(histogram.getValueAtPercentile(98)).isBetween(1000L, 1001L);
        assertThat(histogram.getValueAtPercentile(99)).isBetween(7000L, 7007L);
    }

    @Test
    void shouldFailRatherThanTellOfNothing() {
        assertThatThrownBy(() -> of(List.of())).isInstanceOf(FlawedRunException.class);
    }
}
