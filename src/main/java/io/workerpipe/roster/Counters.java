package io.workerpipe.roster;

import static io.workerpipe.roster.RosterLayout.LONG;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * The counters of one slot: any thread may read; {@code set} is for the thread that owns the counter's line, {@code add}
 * for any thread of the slot's owner. Write once a batch, not once an alert: others read these lines.
 *
 * <p>Once the roster is closed every method throws {@link IllegalStateException}.
 */
public final class Counters {
    private final MemorySegment slot;
    /**
     * What additions have come to; the roster is only written. An atomic addition to a file that was cut is a SIGBUS which
     * the JVM does not survive as long as it interprets it; a store is an InternalError.
     */
    private final AtomicLongArray sums = new AtomicLongArray(Counter.values().length);

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
     * Adds to a counter that several threads write, all of them by this object.
     *
     * @param counter which
     * @param amount  what to add
     * @return the value before
     */
    public long add(Counter counter, long amount) {
        int place = counter.ordinal();
        long before = sums.getAndAdd(place, amount);
        long sum;
        do {
            sum = sums.get(place);
            set(counter, sum);
            // Who adds after this look stores after it too.
            VarHandle.fullFence();
        } while (sum != sums.get(place));
        return before;
    }
}
