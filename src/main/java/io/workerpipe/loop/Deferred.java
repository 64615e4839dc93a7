package io.workerpipe.loop;

import io.workerpipe.linux.CallState;
import io.workerpipe.linux.Fd;
import io.workerpipe.linux.PollSet;
import java.util.ArrayList;
import java.util.List;

/**
 * The outboxes to which handlers have sent during one batch of alerts: flushed once, at the end of it. Used by the reader
 * thread, but for {@link #overdue}.
 *
 * <p>Where a pipe is full the outbox stays here until the end of the next batch, which a busy reader comes to before the
 * writer thread would be awake; one that would sleep waits for room as well, but not for long: what does not move is left to
 * the writer thread.
 *
 * <p>A write each would cost a system call an alert. But a handler may do anything after it has sent, and what it sent
 * must not wait for that: while handlers send, the writer thread looks every 8 ms, or every millisecond where it has found
 * some, for what is older than a millisecond, and flushes it. It is woken for the first one, and stops looking when nothing
 * has been deferred for a while.
 */
final class Deferred {
    private static final long OVERDUE_NANOS = 1_000_000;
    /** How long the reader thread waits for room, before the writer thread does. */
    private static final int PATIENCE_MILLIS = 10;

    private final Writer writer;
    private final List<Outbox> outboxes = new ArrayList<>();
    private final PollSet polled = new PollSet();
    private Thread reader;
    private boolean inBatch;
    /** Written by the reader thread; others may be a little behind. */
    private int batches;
    /** When the first of what is deferred was sent in this batch, or was left from the one before; 0 for nothing. */
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
        if (!outboxes.isEmpty()) {
            watch();
        }
    }

    /** Whether this is the reader thread, and comes to the end of a batch; any thread asks. */
    boolean isInBatch() {
        return Thread.currentThread() == reader && inBatch;
    }

    private void watch() {
        since = System.nanoTime() | 1;
        writer.watchDeferred();
    }

    /** Whether this outbox is flushed at the end of the batch; any thread asks. */
    boolean defers(Outbox outbox) {
        if (!isInBatch()) {
            return false;
        }
        if (!outbox.isDeferred) {
            outbox.isDeferred = true;
            outboxes.add(outbox);
            if (since == 0) {
                watch();
            }
        }
        return true;
    }

    /** How many batches have begun so far, as any thread may guess it. */
    int batches() {
        return batches;
    }

    /** Flushes all of them, as far as their pipes have room. */
    void endBatch() {
        inBatch = false;
        if (outboxes.isEmpty()) {
            return;
        }
        flush();
        since = 0;
    }

    private void flush() {
        boolean full = false;
        for (Outbox outbox : outboxes) {
            outbox.isDeferred = !outbox.flushDeferred();
            full |= outbox.isDeferred;
        }
        if (full) {
            outboxes.removeIf(outbox -> !outbox.isDeferred);
        } else {
            outboxes.clear();
        }
    }

    /** Between two batches: whether some pipes were full. Who sleeps now has to {@link #awaitRoom} or {@link #leaveToWriter}. */
    boolean waitsForRoom() {
        return !outboxes.isEmpty();
    }

    /**
     * Between two batches, while something waits for room: waits until there is some, and writes, or until the inbox has
     * something.
     *
     * @param calls the reader thread's
     * @param inbox its end of the pipe
     * @return whether the inbox has something
     */
    boolean awaitRoom(CallState calls, Fd inbox) {
        polled.clear();
        polled.add(inbox, Fd.POLLIN);
        for (Outbox outbox : outboxes) {
            polled.add(outbox.fd(), Fd.POLLOUT);
        }
        int ready = polled.await(calls, PATIENCE_MILLIS);
        if (ready <= 0) {
            leaveToWriter();
            return false;
        }
        boolean arrived = polled.events(0) != 0;
        if (ready > (arrived ? 1 : 0)) {
            flush();
        }
        return arrived;
    }

    /** Between two batches: the writer thread waits for room. */
    void leaveToWriter() {
        for (Outbox outbox : outboxes) {
            outbox.isDeferred = false;
            outbox.requestFlush();
        }
        outboxes.clear();
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
