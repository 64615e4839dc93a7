package io.workerpipe.loop;

import java.util.ArrayList;
import java.util.List;

/**
 * The outboxes to which handlers have sent during one batch of alerts: flushed once, at the end of it. Used by the reader
 * thread, but for {@link #overdue}.
 *
 * <p>A write each would cost a system call an alert. But a handler may do anything after it has sent, and what it sent
 * must not wait for that: while handlers send, the writer thread looks every 8 ms, or every millisecond where it has found
 * some, for what is older than a millisecond, and flushes it. It is woken for the first one, and stops looking when nothing
 * has been deferred for a while.
 */
final class Deferred {
    private static final long OVERDUE_NANOS = 1_000_000;

    private final Writer writer;
    private final List<Outbox> outboxes = new ArrayList<>();
    private Thread reader;
    private boolean inBatch;
    /** Written by the reader thread; others may be a little behind. */
    private int batches;
    /** When the first of what is deferred now was sent; 0 for nothing. */
    private volatile long since;

    Deferred(Writer writer) {
        this.writer = writer;
    }

    /** Before the first batch, on the reader thread. */
    void bind() {
        reader = Thread.currentThread();
    }

    /** Whether this is the thread that runs the handlers. */
    boolean isReader() {
        return Thread.currentThread() == reader;
    }

    void beginBatch() {
        inBatch = true;
        batches++;
    }

    /** Whether this outbox is flushed at the end of the batch; any thread asks. */
    boolean defers(Outbox outbox) {
        if (Thread.currentThread() != reader || !inBatch) {
            return false;
        }
        if (!outbox.isDeferred) {
            outbox.isDeferred = true;
            outboxes.add(outbox);
            if (since == 0) {
                since = System.nanoTime() | 1;
                writer.watchDeferred();
            }
        }
        return true;
    }

    /** How many batches have begun so far, as any thread may guess it. */
    int batches() {
        return batches;
    }

    /** Flushes all of them. */
    void endBatch() {
        inBatch = false;
        if (outboxes.isEmpty()) {
            return;
        }
        for (Outbox outbox : outboxes) {
            outbox.isDeferred = false;
            outbox.requestFlush();
        }
        outboxes.clear();
        since = 0;
    }

    boolean isEmpty() {
        return since == 0;
    }

    /** The writer thread asks: whether something has waited for too long, since its handler does something else. */
    boolean overdue() {
        long first = since;
        return first != 0 && System.nanoTime() - first >= OVERDUE_NANOS;
    }
}
