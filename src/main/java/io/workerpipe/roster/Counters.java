package io.workerpipe.roster;

import static io.workerpipe.roster.RosterLayout.LONG;

import java.lang.foreign.MemorySegment;

/**
 * The counters of one slot: any thread may read; {@code set} is for the thread that owns the counter's line, {@code add}
 * for any thread of the slot's owner. Write once a batch, not once an alert: others read these lines.
 *
 * <p>Once the roster is closed every method throws {@link IllegalStateException}.
 */
public final class Counters {
    private final MemorySegment slot;

    Counters(MemorySegment slot) {
        this.slot = slot;
    }

    /**
     * Reads a counter.
     *
     * @param counter which
     * @return its value, which may be some time behind
     */
    public long get(Counter counter) {
        return (long) LONG.getOpaque(slot, counter.at());
    }

    /**
     * Sets a counter that no other thread writes.
     *
     * @param counter which
     * @param value   its new value
     */
    public void set(Counter counter, long value) {
        LONG.setOpaque(slot, counter.at(), value);
    }

    /**
     * Adds to a counter that several threads write.
     *
     * @param counter which
     * @param amount  what to add
     * @return the value before
     */
    public long add(Counter counter, long amount) {
        return (long) LONG.getAndAdd(slot, counter.at(), amount);
    }
}
