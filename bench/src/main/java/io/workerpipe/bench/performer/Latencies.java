package io.workerpipe.bench.performer;

import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.HistogramIterationValue;

/**
 * Latencies in nanoseconds, of what began in a window. Recorded by one thread; the window is set by any; written when
 * nothing is recorded any more.
 *
 * <p>What began outside is recorded too, elsewhere: a branch that is taken for the first time when the window begins has the
 * JVM throw away what it compiled of the whole path, and the window begins with a stall of 30 ms.
 */
final class Latencies {
    private static final long MOST = TimeUnit.SECONDS.toNanos(100);

    private final Histogram inside = new Histogram(MOST, 3);
    private final Histogram[] histograms = {inside, new Histogram(MOST, 3)};
    private volatile long from;
    private volatile long until;

    void setWindow(long from, long until) {
        // In this order, and read in the other: until both are set, the window is empty.
        this.from = from;
        this.until = until;
    }

    void add(long start, long end) {
        int outside = (int) ((until - 1 - start | start - from) >>> Long.SIZE - 1);
        histograms[outside].recordValue(Math.clamp(end - start, 0, MOST));
    }

    void write(Path file) throws IOException {
        try (BufferedWriter writer = Files.newBufferedWriter(file)) {
            for (HistogramIterationValue value : inside.recordedValues()) {
                writer.write(value.getValueIteratedTo() + " " + value.getCountAddedInThisIterationStep() + "\n");
            }
        }
    }
}
