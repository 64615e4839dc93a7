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
    /** So long the reader thread waits for room in any of the pipes, before the writer thread does. */
    private static final int PATIENCE_MILLIS = 10;
    /** Of so many full pipes at most; the writer thread is told which of many have room. */
    private static final int MOST_FULL = 32;

    private final Writer writer;
    private final List<Outbox> outboxes = new ArrayList<>();
    private final PollSet polled = new PollSet();
    private Thread reader;
    private boolean inBatch;
    /** Written by the reader thread; others may be a little behind. */
    private int batches;
    /** When the first of what is deferred was sent, or was tried last; 0 for nothing. While it is waited for: when that ends. */
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

    private void watch() {
        since = System.nanoTime() | 1;
        writer.watchDeferred();
    }

    /** Whether this outbox is flushed at the end of the batch; any thread asks. */
    boolean defers(Outbox outbox) {
        if (Thread.currentThread() != reader || !inBatch) {
            return false;
        }
        if (!outbox.isDeferred) {
            outboxes.add(outbox);
            outbox.isDeferred = true;
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
        try {
            flush(false);
        } finally {
            endFlush();
        }
    }

    /** @param polledOnly those of which the last poll said that something has happened */
    private void flush(boolean polledOnly) {
        boolean full = false;
        for (int i = 0; i < outboxes.size(); i++) {
            Outbox outbox = outboxes.get(i);
            if (!polledOnly || polled.events(i + 1) != 0) {
                outbox.isDeferred = !outbox.flushDeferred();
            }
            full |= outbox.isDeferred;
        }
        if (full) {
            outboxes.removeIf(outbox -> !outbox.isDeferred);
        } else {
            outboxes.clear();
        }
    }

    private void endFlush() {
        if (outboxes.size() > MOST_FULL) {
            leaveToWriter();
        } else if (outboxes.isEmpty()) {
            since = 0;
        } else {
            // Whatever the reader thread does before it comes again.
            watch();
        }
    }

    /** Between two batches: whether some pipes were full. Who sleeps now has to {@link #awaitRoom} or {@link #leaveToWriter}. */
    boolean waitsForRoom() {
        return !outboxes.isEmpty();
    }

    /**
     * Between two batches, while pipes are full: waits until one has room, and writes, or until the inbox has something. If
     * nothing happens for {@value #PATIENCE_MILLIS} ms, or this cannot be waited for, all is left to the writer thread.
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
        since = System.nanoTime() + PATIENCE_MILLIS * 1_000_000L | 1;
        int ready = polled.await(calls, PATIENCE_MILLIS);
        if (ready <= 0) {
            leaveToWriter();
            return false;
        }
        try {
            flush(true);
        } finally {
            endFlush();
        }
        return polled.events(0) != 0;
    }

    /** Between two batches: the writer thread waits for room. */
    void leaveToWriter() {
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
