package io.workerpipe.loop;

import io.workerpipe.linux.CallState;
import io.workerpipe.linux.Errno;
import io.workerpipe.linux.Fd;
import io.workerpipe.linux.IoVec;
import io.workerpipe.linux.Pipe;
import io.workerpipe.loop.Outbox.Flush;
import io.workerpipe.roster.Counter;
import io.workerpipe.wire.Packet;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Where an outbox flows into its pipe: writes what is ready and gives its memory back, or gives it up. With the right to
 * flush, but for what says otherwise.
 *
 * <p>Whole pages, or at most the rest of one: the kernel cuts neither in the middle of a page (see {@link PageWrites}).
 */
final class Outflow {
    /** What the writer thread writes to one receiver before it looks at the others. */
    static final long WRITER_BUDGET = 1 << 20;

    private final Outbox outbox;
    private final Fd fd;
    private final CallState calls;
    private final PagePool pool;
    private final PageWrites pageWrites;
    private final PageSplices pageSplices;
    private final SplicedChunks spliced;
    private final Pace pace;
    private final Counts counters;
    private final Writer writer;

    /** By the position where they begin. */
    private final ConcurrentHashMap<Long, Lent> lents = new ConcurrentHashMap<>();
    private final AtomicInteger lentCount = new AtomicInteger();
    /** What is still inside will not be written: the receiver is gone, or our time is over. */
    private volatile boolean discarding;

    /** The end of what has been written; {@link PageStream#flushed} follows. */
    private long head = Chunk.BYTES;
    /** {@link #head} when no memory was kept for what may come. */
    private long idleAt = head;
    /** Alerts that end in the page of {@code head}, before it, and are counted already. */
    private int countedInPage;
    /** Set by {@link #ready}: alerts that end in the last, partial page before the position that it returned. */
    private int alertsInPartialPage;
    /** One entry; made at the first splice. */
    private MemorySegment vector;

    Outflow(Outbox outbox, Fd fd, CallState calls, PagePool pool, PageWrites pageWrites, PageSplices pageSplices,
            Pace pace, Counts counters, Writer writer) {
        this.outbox = outbox;
        this.fd = fd;
        this.calls = calls;
        this.pool = pool;
        this.pageWrites = pageWrites;
        this.pageSplices = pageSplices;
        this.spliced = new SplicedChunks(pool, Pipe.size(fd));
        this.pace = pace;
        this.counters = counters;
        this.writer = writer;
    }

    // ---------------------------------------------------------------- any thread

    /** At a position that is claimed and not yet published. */
    void lend(long position, Lent lent) {
        lents.put(position, lent);
        lentCount.incrementAndGet();
    }

    /** From now on what is inside is counted as lost, and not written. */
    void giveUp() {
        discarding = true;
    }

    boolean hasGivenUp() {
        return discarding;
    }

    // ---------------------------------------------------------------- with the right to flush

    /** The end of what has been written. */
    long head() {
        return head;
    }

    /**
     * Writes what is ready.
     *
     * <p>One method, so long that the compiler makes code of it once (it inlines none of more than 325 bytes,
     * FreqInlineSize): else each method on the way from {@code send} to here had all of this in its code, and took 0.4 s to
     * compile.
     *
     * @param stop     the position after which the rest is left to the writer thread
     * @param asWriter whether this is the writer thread
     * @param tail     also less than a page
     */
    Flush write(long stop, boolean asWriter, boolean tail) {
        for (;;) {
            long from = head;
            long ready = ready(from);
            if (!tail && !discarding && ready - from < Packet.PAGE && (ready & Packet.PAGE - 1) != 0) {
                return Flush.DRAINED;
            }
            if (ready == from) {
                releaseIdleChunk();
                return Flush.DRAINED;
            }
            Lent lent = lentCount.get() == 0 ? null : lents.get(from);
            if (lent != null) {
                Flush outcome = asWriter ? writeLent(lent) : Flush.WRITER_ONLY;
                if (outcome != Flush.DRAINED) {
                    return outcome;
                }
                continue;
            }
            int length = (int) (writeEnd(from, ready) - from);
            boolean written = !discarding;
            int result = written ? write(from, length) : length;
            if (result == -Errno.EAGAIN) {
                return Flush.PIPE_FULL;
            }
            if (result < 0) {
                receiverIsGone();
                continue;
            }
            if (written) {
                pageWrites.check(length, result);
            }
            // All before this is written, or given up.
            long to = from + result;
            long alerts = 0;
            long page = from & -Packet.PAGE;
            Chunk chunk = outbox.chunk(from);
            while (page + Packet.PAGE <= to) {
                alerts += Chunk.alerts(chunk.published(Chunk.pageOf(page))) - countedInPage;
                countedInPage = 0;
                page += Packet.PAGE;
            }
            if (page < to) {
                alerts += alertsInPartialPage - countedInPage;
                countedInPage = alertsInPartialPage;
            }
            head = to;
            if ((to & Chunk.BYTES - 1) == 0) {
                release(from);
            }
            if (written) {
                count(alerts, result);
            } else {
                counters.add(Counter.LOST_WITH_PEER, alerts);
            }
            outbox.flushedTo(to);
            if (written && to >= stop) {
                return Flush.WRITER_ONLY;
            }
        }
    }

    /** After the pipe was full: whether it has room again, or nobody reads it any more, within this time. */
    boolean awaitPipe(long nanos) {
        return fd.poll(calls, Fd.POLLOUT, (int) TimeUnit.NANOSECONDS.toMillis(nanos)) > 0;
    }

    private void receiverIsGone() {
        // EPIPE: nobody will read this any more. Nothing else can come of a write to a pipe that is open.
        discarding = true;
        outbox.closeClaims();
        writer.receiverGone(outbox.receiver);
    }

    /**
     * By reference in a burst, where that pays, else by a copy: an idle outbox would hold the pages.
     */
    private int write(long from, int length) {
        Chunk chunk = outbox.chunk(from);
        if (!pageSplices.pay(length, from - idleAt) || !pace.isBurst() || !pool.isRoomy()) {
            int result = fd.write(calls, chunk.memory, Chunk.offset(from), length);
            if (result > 0 && (from & Packet.PAGE - 1) == 0) {
                spliced.took(result / Packet.PAGE);
            }
            return result;
        }
        if (vector == null) {
            vector = IoVec.allocate(Arena.ofAuto(), 1);
        }
        IoVec.set(vector, 0, chunk.memory, Chunk.offset(from), length);
        int result = fd.vmsplice(calls, vector, 1, Fd.SPLICE_F_NONBLOCK);
        if (result > 0) {
            spliced.took(result / Packet.PAGE);
            spliced.spliced(chunk);
            pageSplices.took();
        } else if (result != -Errno.EAGAIN && result != -Errno.EPIPE) {
            pageSplices.failed(Errno.text(-result));
            return write(from, length);
        }
        return result;
    }

    /** How far all is published, from {@code from} to the end of its chunk at most. */
    private long ready(long from) {
        if (!outbox.isAttached(from)) {
            return from;
        }
        Chunk chunk = outbox.chunk(from);
        long page = from & -Packet.PAGE;
        long end = (from | Chunk.BYTES - 1) + 1;
        while (page < end) {
            long published = chunk.published(Chunk.pageOf(page));
            int bytes = Chunk.bytes(published);
            if (bytes < Packet.PAGE) {
                alertsInPartialPage = Chunk.alerts(published);
                // After the count: see PageStream.
                return page + bytes == outbox.claimed() ? page + bytes : Math.max(page, from);
            }
            page += Packet.PAGE;
        }
        return end;
    }

    /** What one write may take: whole pages up to a lent alert, or what there is of one page. */
    private long writeEnd(long from, long ready) {
        long whole = ready & -Packet.PAGE;
        if ((from & Packet.PAGE - 1) != 0 || whole == from) {
            return Math.min(ready, (from | Packet.PAGE - 1) + 1);
        }
        if (!pageWrites.many()) {
            return from + Packet.PAGE;
        }
        if (lentCount.get() != 0) {
            for (long page = from + Packet.PAGE; page < whole; page += Packet.PAGE) {
                if (lents.containsKey(page)) {
                    return page;
                }
            }
        }
        return whole;
    }

    private void count(long alerts, long bytes) {
        counters.add(Counter.ALERTS_OUT, alerts);
        counters.add(Counter.BYTES_OUT, bytes);
    }

    private Flush writeLent(Lent lent) {
        for (long written = 0; written < WRITER_BUDGET && !lent.isOver();) {
            if (discarding) {
                lent.abandon();
                break;
            }
            int length = lent.next();
            int result = fd.write(calls, lent.staging, lent.offset(), length);
            if (result == -Errno.EAGAIN) {
                return Flush.PIPE_FULL;
            }
            if (result < 0) {
                receiverIsGone();
                continue;
            }
            pageWrites.check(length, result);
            count(0, result);
            lent.wrote(result);
            written += result;
        }
        if (!lent.isOver()) {
            return Flush.WRITER_ONLY;
        }
        lents.remove(head);
        lentCount.decrementAndGet();
        if (lent.isDelivered()) {
            count(1, 0);
        } else {
            counters.add(Counter.LOST_WITH_PEER, 1);
        }
        while (head < lent.end) {
            long next = Math.min(lent.end, (head | Chunk.BYTES - 1) + 1);
            if ((next & Chunk.BYTES - 1) == 0) {
                release(head);
            }
            head = next;
        }
        countedInPage = 0;
        outbox.flushedTo(head);
        writer.complete(() -> lent.complete(outbox.receiver));
        return Flush.DRAINED;
    }

    private void release(long position) {
        spliced.release(outbox.detach(position));
    }

    /** An idle outbox that is not warm holds no memory: what remains of the last chunk is claimed, and nobody writes it. */
    private void releaseIdleChunk() {
        if (pace.isWarm() && !outbox.isClosed() && pool.isRoomy()) {
            // More will come; the writer thread looks once more when nothing has for a while.
            return;
        }
        long at = head;
        long end = at + Chunk.BYTES - 1 & -Chunk.BYTES;
        if (end != at && outbox.skip(at, end)) {
            release(at);
            skipped(end);
        }
        spliced.releaseAll();
        long after = outbox.giveBackStrays(head);
        if (after != head) {
            skipped(after);
        }
        idleAt = head;
    }

    private void skipped(long end) {
        head = end;
        countedInPage = 0;
        outbox.flushedTo(end);
    }
}
