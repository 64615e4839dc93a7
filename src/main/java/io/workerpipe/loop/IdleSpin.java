package io.workerpipe.loop;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.IntUnaryOperator;
import java.util.function.LongSupplier;

/**
 * How long the reader looks at an empty inbox before it sleeps in the kernel: to be woken costs some 20 us, and more than
 * an answer from another processor takes. Used by the reader thread only.
 *
 * <p>By itself it spins only where that is likely to pay: the last sleep was a short one, the last spins were not in vain,
 * and for some time fewer workers were awake than there are processors. So an idle worker uses no CPU time, and a crowd of
 * busy ones does not take it from each other.
 */
final class IdleSpin {
    /** No longer than this; what takes longer, the kernel may as well wait for. */
    private static final long MOST_NANOS = 50_000;
    /** A sleep of at most this length would have been shorter by spinning. */
    private static final long SHORT_SLEEP_NANOS = 150_000;
    /** After so many spins in vain it is left alone. */
    private static final int MOST_FAILURES = 4;
    /** And tried again after so many short sleeps. */
    private static final int RETRY_AFTER = 256;
    /** So often in a row few enough must have been awake: of a crowd that keeps itself busy most sleep now and then. */
    private static final int CALM_TIMES = 64;

    private final long fixed;
    private final int processors;
    private final IntUnaryOperator othersAwake;
    private final LongSupplier clock;
    private boolean worthwhile;
    private int failures;
    private int shortSleeps;
    private int calmTimes = CALM_TIMES;
    private long sleepingSince;

    /**
     * @param fixed       so long in any case; null: as it pays
     * @param othersAwake how many other workers are awake, counted up to a limit
     * @param clock       nanoseconds
     */
    IdleSpin(Duration fixed, int processors, IntUnaryOperator othersAwake, LongSupplier clock) {
        this.fixed = fixed == null ? -1 : TimeUnit.NANOSECONDS.convert(fixed);
        this.processors = processors;
        this.othersAwake = othersAwake;
        this.clock = clock;
    }

    /** Nanoseconds to look at the inbox now, 0 for not at all. */
    long nanos() {
        if (fixed >= 0) {
            return fixed;
        }
        return worthwhile && processors > 1 && lookAround() ? MOST_NANOS : 0;
    }

    /** Once for each time that it may spin: whether few enough are awake, and were for the last times. */
    private boolean lookAround() {
        if (othersAwake.applyAsInt(processors) >= processors) {
            calmTimes = 0;
        } else if (calmTimes < CALM_TIMES) {
            calmTimes++;
        }
        return calmTimes == CALM_TIMES;
    }

    /** Something came while it was looked. */
    void found() {
        failures = 0;
    }

    /** Nothing came while it was looked. */
    void inVain() {
        if (++failures >= MOST_FAILURES) {
            worthwhile = false;
            shortSleeps = 0;
        }
    }

    void fallsAsleep() {
        sleepingSince = clock.getAsLong();
    }

    void wakes() {
        if (clock.getAsLong() - sleepingSince > SHORT_SLEEP_NANOS) {
            worthwhile = false;
        } else if (failures < MOST_FAILURES) {
            worthwhile = true;
        } else if (++shortSleeps >= RETRY_AFTER) {
            // One more in vain ends it again.
            failures = MOST_FAILURES - 1;
            worthwhile = true;
        }
    }
}
