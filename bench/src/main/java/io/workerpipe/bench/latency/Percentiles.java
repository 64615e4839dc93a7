package io.workerpipe.bench.latency;

import io.workerpipe.bench.FlawedRunException;
import io.workerpipe.bench.Reading;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.HdrHistogram.Histogram;

/** What is told of latencies that a process has written down. */
public final class Percentiles {
    private static final double[] PERCENTILES = {50, 99, 99.9, 99.99};
    private static final long MOST = TimeUnit.SECONDS.toNanos(100);

    private Percentiles() {}

    /** @param file lines of nanoseconds, or of nanoseconds and how often */
    public static Histogram read(Path file) throws IOException {
        Histogram histogram = new Histogram(MOST, 3);
        try (Stream<String> lines = Files.lines(file)) {
            lines.forEach(line -> {
                String[] fields = line.split(" ");
                histogram.recordValueWithCount(Math.clamp(Long.parseLong(fields[0]), 0, MOST),
                        fields.length == 1 ? 1 : Long.parseLong(fields[1]));
            });
        }
        return histogram;
    }

    /** The figures, in microseconds. */
    public static List<Reading> of(Histogram histogram) throws FlawedRunException {
        if (histogram.getTotalCount() == 0) {
            throw new FlawedRunException("no latency was recorded");
        }
        List<Reading> readings = new ArrayList<>();
        for (double percentile : PERCENTILES) {
            readings.add(new Reading(name(percentile), "us", histogram.getValueAtPercentile(percentile) / 1e3));
        }
        readings.add(new Reading("max", "us", histogram.getMaxValue() / 1e3));
        return readings;
    }

    private static String name(double percentile) {
        return String.format(Locale.ROOT, percentile % 1 == 0 ? "p%.0f" : "p%s", percentile);
    }
}
