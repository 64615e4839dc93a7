package io.workerpipe.loop;

import io.workerpipe.wire.Packet;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * How fast alerts come to one outbox, and so who writes them. Any thread sends; the writer thread ends a burst.
 *
 * <p>An alert that comes alone is written by its sender, at once. A system call each would be most of the work where they
 * come fast: in a burst senders write when a chunk is full or the last write is some time ago, and then whole pages if
 * there are any. What is left, a part of a page as a rule, is the tail: the writer thread looks for it as long as the burst
 * lasts. With bursts to many receivers all this is done less often for each.
 */
final class Pace {
    /** An alert so soon after the end of the last write begins a burst: who waits for an answer does not send so soon. */
    private static final long BURST_NANOS = 1_000;
    /** Nor does one so soon, if nothing has come in since: it cannot be a question that follows an answer. */
    static final long SILENT_BURST_NANOS = 5_000;
    /** Encoding takes no longer than this: bytes a nanosecond, as a power of two. */
    private static final int ENCODED_PER_NANO = 1;
    /**
     * A burst goes on while alerts come at shorter intervals than this, on average, those to other receivers included: a
     * write each would be too much.
     */
    private static final long FAST_NANOS = SILENT_BURST_NANOS;
    /** Or while more than so many bytes come in a microsecond: pages are best written many at a time. */
    private static final long FAST_BYTES = 256;
    /** In a burst the next write comes so long after the last one: of whole pages, or of less if they come slowly. */
    private static final long PAGE_NANOS = 20_000;
    /** How often senders look at the clock in a burst, half and twice as often being as good; and once a page. */
    private static final long GLANCE_NANOS = 5_000;
    /** Alerts between two such looks at most. */
    private static final int MOST_UNSEEN = (1 << 10) - 1;
    /**
     * With each further receiver it is as much longer: most of them sleep then, and to wake one costs both sides more than
     * all else that is done with a few pages. By one sender's time...
     */
    private static final long LEAST_STEP_NANOS = 25_000;
    /** ...and by the receivers', that of all processors together. */
    private static final long STEP_NANOS = 200_000;
    /** Whatever it costs: nobody shall wait for longer. */
    private static final long MOST_NANOS = 2_000_000;

    /** A write takes no longer than this, as a rule: the time of the last one is that of its end. */
    private static final long WRITE_NANOS = 20_000;

    /** A look so long after it was due says nothing of the time between. */
    private static final long LONG_AGO_NANOS = 1_000_000;

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
    /** A burst has begun, and its memory has not been wanted back since. */
    private volatile boolean warm;
    /** By whoever wrote last on a sender's account. A guess is good enough: threads may overwrite each other. */
    private long lastWrite = System.nanoTime() - PAGE_NANOS;
    /** What {@link Deferred#batches} was then; a guess as well. */
    private int batchesAtLastWrite;
    /** Alerts in bursts so far; a guess as well. */
    private int sent;
    /**
     * Alerts for which a sender does not look at the clock, before one for which it does: a power of two, less one. It finds
     * it out by itself: the writer thread would see a sender that has no processor just then, and think it slow.
     */
    private int unseen;
    /** When a sender looked at the clock last; a guess as well. */
    private long lastGlance;

    // Below: the writer thread's.
    private int sentAtLastLook;
    private long bytesAtLastLook;
    /** 0: there is none to compare with. */
    private long lastLook;

    /**
     * After publishing from one position to another: whether there is nothing to do, as a rule in a burst. If not,
     * {@link #next} says what.
     */
    boolean leaves(long position, long end) {
        if (!burst) {
            return false;
        }
        return (++sent & unseen) != 0 && (position ^ end) < Packet.PAGE;
    }

    /** Alerts have come in a page that was claimed ahead. */
    void came(int alerts) {
        sent += alerts;
    }

    /**
     * The same, where {@link #leaves} has said no.
     *
     * @param bytes      that have just been published
     * @param waiting    all bytes that are not written
     * @param interval   between writes in a burst, see {@link #interval}
     * @param batches    how often this process has read its inbox
     * @param broadcasts whether it is one of broadcasts that come fast
     */
    Next next(long bytes, long waiting, long interval, int batches, boolean broadcasts) {
        if (burst) {
            long now = System.nanoTime();
            glanced(now);
            if (now - lastWrite < interval) {
                return Next.LEAVE;
            }
            // What is left of a page is a write of its own: only if there is no more.
            return waiting >= Packet.PAGE ? Next.WRITE_PAGES : Next.WRITE;
        }
        long soon = soon(batches == batchesAtLastWrite);
        if (!broadcasts && System.nanoTime() - lastWrite >= soon + (bytes >> ENCODED_PER_NANO)) {
            return Next.WRITE;
        }
        if (!BURST.compareAndSet(this, false, true)) {
            return Next.LEAVE;
        }
        warm = true;
        return Next.BEGIN_BURST;
    }

    /** A sender has looked at the clock: half as often from now on if that was too soon, more often if it was too late. */
    void glanced(long now) {
        long passed = now - lastGlance;
        lastGlance = now;
        if (passed < GLANCE_NANOS / 2) {
            if (unseen < MOST_UNSEEN) {
                unseen = unseen << 1 | 1;
            }
        } else if (passed > 2 * GLANCE_NANOS && unseen > 0) {
            unseen = (int) ((long) unseen >> Long.SIZE - Long.numberOfLeadingZeros(passed / (2 * GLANCE_NANOS)));
        }
    }

    /**
     * Nanoseconds between writes to one receiver in a burst.
     *
     * @param bursts     how many receivers have one
     * @param processors of this machine
     */
    static long interval(int bursts, int processors) {
        long step = Math.max(LEAST_STEP_NANOS, STEP_NANOS / processors);
        return Math.min(MOST_NANOS, PAGE_NANOS + Math.max(0, bursts - 1) * step);
    }

    /** Whether a sender has written less than so many nanoseconds ago. */
    boolean wroteWithin(long nanos) {
        return System.nanoTime() - lastWrite < nanos;
    }

    /** For so long after its last write a sender will write what there is now, if he goes on, as a rule. */
    static long justNow(long interval) {
        return interval + interval / 2 + WRITE_NANOS;
    }

    /** By the writer thread: the next look has nothing to compare with. */
    void forget() {
        lastLook = 0;
    }

    /** @param silence nothing has come in since the last write */
    static long soon(boolean silence) {
        return silence ? SILENT_BURST_NANOS : BURST_NANOS;
    }

    /** A sender has written what it had to. */
    void wrote(int batches) {
        batchesAtLastWrite = batches;
        lastWrite = System.nanoTime();
    }

    boolean isBurst() {
        return burst;
    }

    /** Whether memory is kept: there is a burst, or the next one is still expected. */
    boolean isWarm() {
        return warm;
    }

    /** By the writer thread: the next one does not come soon. */
    void cool() {
        warm = burst;
    }

    /** Memory is short, burst or not. */
    void coolAtOnce() {
        warm = false;
    }

    /** By the writer thread: alerts in bursts since the last look. */
    int alertsSinceLook() {
        return sent - sentAtLastLook;
    }

    /**
     * The writer thread looks: the burst is over when alerts have come so slowly that a write each is affordable.
     *
     * @param bytes       that have come so far
     * @param interval    between looks
     * @param alertsOfAll in the bursts of all outboxes since the last look
     * @param awaited     somebody waits for room, and will send as soon as he runs again
     * @return whether it goes on. If not, the outbox must be looked at until it is empty once after this call: what is in
     *         it came while its sender still relied on the burst
     */
    boolean look(long bytes, long interval, int alertsOfAll, boolean awaited) {
        long now = System.nanoTime();
        long passed = now - lastLook;
        boolean first = lastLook == 0;
        if (!first && !awaited && passed < interval / 2 && burst) {
            // Something else woke this thread: too soon to tell.
            return true;
        }
        int sentNow = sent;
        boolean fast = first || awaited
                || sentNow != sentAtLastLook
                        && (passed > interval + LONG_AGO_NANOS || alertsOfAll * FAST_NANOS > passed)
                || (bytes - bytesAtLastLook) * 1000 > passed * FAST_BYTES;
        sentAtLastLook = sentNow;
        bytesAtLastLook = bytes;
        lastLook = now | 1;
        burst = fast;
        return fast;
    }
}
