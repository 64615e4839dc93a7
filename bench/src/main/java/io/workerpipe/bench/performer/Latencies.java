package io.workerpipe.bench.performer;

import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.HistogramIterationValue;

/**
 * Latencies in nanoseconds. Recorded by one thread; switched by any; written when nothing is recorded any more.
 *
 * <p>It records from the beginning: a branch that is taken for the first time when the measured window begins has the JVM
 * throw away what it compiled of the whole path, and the window begins with a stall of 30 ms.
 */
final class Latencies {
    private static final long MOST = TimeUnit.SECONDS.toNanos(100);

    private volatile Histogram histogram = new Histogram(MOST, 3);
    private volatile boolean recording = true;

    /** Forgets what was recorded before. */
    void restart() {
        histogram = new Histogram(MOST, 3);
        recording = true;
    }

    void stop() {
        recording = false;
    }

    boolean isRecording() {
        return recording;
    }

    void add(long nanos) {
        histogram.recordValue(Math.clamp(nanos, 0, MOST));
    }

    void write(Path file) throws IOException {
        try (BufferedWriter writer = Files.newBufferedWriter(file)) {
            for (HistogramIterationValue value : histogram.recordedValues()) {
                writer.write(value.getValueIteratedTo() + " " + value.getCountAddedInThisIterationStep() + "\n");
            }
        }
    }
}
