package io.workerpipe.loop;

/**
 * How fast broadcasts follow each other. To each outbox on its own they come slowly, for between two of its alerts lie
 * those to all others: a write to each would be most of the work. Any thread; what threads overwrite of each other is a
 * guess that was good enough.
 */
final class Broadcasts {
    private volatile boolean fast;
    private long lastEnd = System.nanoTime() - Pace.SILENT_BURST_NANOS;
    /** What {@link Deferred#batches} was then. */
    private int batchesAtLastEnd;

    void begin(int batches) {
        boolean soon = System.nanoTime() - lastEnd < Pace.soon(batches == batchesAtLastEnd);
        if (soon != fast) {
            fast = soon;
        }
    }

    void end(int batches) {
        batchesAtLastEnd = batches;
        lastEnd = System.nanoTime();
        if (fast) {
            fast = false;
        }
    }

    /** Whether what is sent now belongs to a broadcast that followed another one so soon that a burst has begun. */
    boolean areFast() {
        return fast;
    }
}
