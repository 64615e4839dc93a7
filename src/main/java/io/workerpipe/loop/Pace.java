package io.workerpipe.loop;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * How fast alerts come to one outbox, and so who writes them. Any thread sends; the writer thread ends a burst.
 *
 * <p>An alert that comes alone is written by its sender, at once. A system call each would be most of the work where they
 * come fast: in a burst senders write only whole pages, when a chunk is full, or when the last write is some time ago.
 * What is left then, a part of a page as a rule, is the tail: the writer thread looks for it as long as the burst lasts.
 */
final class Pace {
    /** An alert so soon after the end of the last write begins a burst: who waits for an answer does not send so soon. */
    private static final long BURST_NANOS = 1_000;
    /** The burst is over when alerts come at longer intervals than this, on average: a write each is affordable then. */
    private static final long SLOW_NANOS = 2_000;
    /** In a burst the clock is looked at once a page, and whole pages are written this long after the last write. */
    private static final long PAGE_NANOS = 20_000;

    private static final VarHandle BURST;
    static {
        try {
            BURST = MethodHandles.lookup().findVarHandle(Pace.class, "burst", boolean.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    /** What a sender has to do after it has published. */
    enum Next {
        /** Write all that is there. */
        WRITE,
        /** Write the whole pages. */
        WRITE_PAGES,
        /** Nothing: the writer thread or a later sender will. */
        LEAVE,
        /** The same, but the writer thread has to be told that there is a burst. */
        BEGIN_BURST
    }

    private volatile boolean burst;
    /** By whoever wrote last on a sender's account. A guess is good enough: threads may overwrite each other. */
    private long lastWrite = System.nanoTime() - PAGE_NANOS;

    // Below: the writer thread's.
    private long writtenAtLastLook;
    private long lastLook;

    /** After publishing from one position to another. */
    Next next(long position, long end) {
        if (burst) {
            return inBurst(position, end);
        }
        long now = System.nanoTime();
        if (now - lastWrite >= BURST_NANOS) {
            return Next.WRITE;
        }
        return BURST.compareAndSet(this, false, true) ? Next.BEGIN_BURST : Next.LEAVE;
    }

    private Next inBurst(long position, long end) {
        long crossed = position ^ end;
        if (crossed < 4096) {
            return Next.LEAVE;
        }
        if (crossed < Chunk.BYTES && System.nanoTime() - lastWrite < PAGE_NANOS) {
            return Next.LEAVE;
        }
        return Next.WRITE_PAGES;
    }

    /** A sender has written what {@link #next} told it to. */
    void wrote() {
        lastWrite = System.nanoTime();
    }

    /**
     * The writer thread looks: the burst is over when alerts have come so slowly that a write each is affordable.
     *
     * @param written alerts that have left the outbox so far
     * @return whether it goes on. If not, the outbox must be looked at until it is empty once after this call: what is in
     *         it came while its sender still relied on the burst
     */
    boolean look(long written) {
        long now = System.nanoTime();
        boolean fast = (written - writtenAtLastLook) * SLOW_NANOS > now - lastLook;
        writtenAtLastLook = written;
        lastLook = now;
        burst = fast;
        return fast;
    }
}
