package io.workerpipe.bench.performer;

/**
 * When each alert is to be sent, whatever became of those before: so a sender that was held up does not hide it.
 *
 * @param start    {@link System#nanoTime} of the first; the same clock in all processes of a machine
 * @param interval nanoseconds between two
 * @param stride   each so-many-th is timed
 */
public record Schedule(long start, double interval, long stride) {
    /** When the n-th is to be sent, n from 0. */
    public long time(long number) {
        return start + (long) (number * interval);
    }

    /** How many were to be sent by now. */
    public long due(long nanoTime) {
        return nanoTime < start ? 0 : (long) ((nanoTime - start) / interval) + 1;
    }

    boolean isTimed(long number) {
        return number % stride == 0;
    }
}
