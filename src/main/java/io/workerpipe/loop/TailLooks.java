package io.workerpipe.loop;

/**
 * How long after one look at the tails of bursts the writer thread takes the next. As long as senders go on and write by
 * themselves a look is needed only where one stops, and takes a processor from sender or receiver where there are few: so
 * each comes later than the last. A tail waits until it is seen that its sender has stopped, and then for a look: each takes
 * no more than a quarter of the time for which nothing has been needed, and the first interval.
 *
 * <p>Used by the writer thread, but for {@link #interval}.
 */
final class TailLooks {
    static final long FIRST_NANOS = 50_000;
    /** What a tail may wait for: that its sender is seen to have stopped, and a look. */
    static final long MOST_NANOS = 400_000;
    private static final int LATER_BY = 4;

    private volatile long interval = FIRST_NANOS;
    /** When the interval was set. */
    private long since;

    TailLooks(long now) {
        since = now;
    }

    /** Nanoseconds from the last look to the next. */
    long interval() {
        return interval;
    }

    /**
     * A sender that has written less than so many nanoseconds ago is not seen to have stopped. As long as the interval: one
     * that has not run meanwhile, perhaps for the looks themselves, would be taken for one that has stopped, and looked at
     * more often.
     */
    long unseen(long justNow) {
        return Math.max(justNow, interval);
    }

    /**
     * After a look.
     *
     * @param now    {@link System#nanoTime}
     * @param needed a burst began, or there was a tail that no sender wrote
     * @param justNow a sender that goes on has written no longer ago than so many nanoseconds, as a rule
     */
    void looked(long now, boolean needed, long justNow) {
        if (needed) {
            since = now;
            interval = FIRST_NANOS;
        } else if (now - since >= interval) {
            // Not where something else woke the thread: turns are not always as far apart as looks should be.
            since = now;
            long most = Math.min(MOST_NANOS / 2, MOST_NANOS - justNow);
            interval = Math.max(FIRST_NANOS, Math.min(most, interval + interval / LATER_BY));
        }
    }
}
