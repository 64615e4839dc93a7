package io.workerpipe.loop;

import io.workerpipe.roster.Counter;
import io.workerpipe.roster.Counters;

/**
 * This worker's counters in the roster, which others see. Any thread.
 *
 * <p>A roster cut under our feet, or closed while a handler still runs, must not stop an alert: then nothing is counted
 * any more. {@link Peers} says why.
 */
final class Counts {
    private final Counters counters;
    private volatile boolean lost;

    Counts(Counters counters) {
        this.counters = counters;
    }

    void add(Counter counter, long amount) {
        if (amount != 0 && !lost) {
            try {
                counters.add(counter, amount);
            } catch (InternalError | IllegalStateException e) {
                lost = true;
            }
        }
    }

    void set(Counter counter, long value) {
        if (!lost) {
            try {
                counters.set(counter, value);
            } catch (InternalError | IllegalStateException e) {
                lost = true;
            }
        }
    }

    long get(Counter counter) {
        try {
            return lost ? 0 : counters.get(counter);
        } catch (InternalError | IllegalStateException e) {
            lost = true;
            return 0;
        }
    }
}
