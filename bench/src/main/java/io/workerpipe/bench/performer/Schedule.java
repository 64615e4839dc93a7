package io.workerpipe.bench.performer;

/**
 * When each alert is to be sent, whatever became of those before: so a sender that was held up does not hide it.
 *
 * @param start    {@link System#nanoTime} of the first; the same clock in all processes of a machine
 * @param interval nanoseconds between two
 * @param stride   each so-many-th is timed
 * @param first    the number of the first
 */
public record Schedule(long start, double interval, long stride, long first) {
    /** When an alert is to be sent. */
    public long time(long number) {
        return start + (long) ((number - first) * interval);
    }

    /** The number after that of the last one that was to be sent by now. */
    public long due(long nanoTime) {
        return nanoTime < start ? first : first + (long) ((nanoTime - start) / interval) + 1;
    }

    boolean isTimed(long number) {
        return number % stride == 0;
    }
}
