package io.workerpipe.loop;

import io.workerpipe.linux.CallState;
import io.workerpipe.linux.Errno;
import io.workerpipe.linux.Fd;
import io.workerpipe.roster.Counter;
import io.workerpipe.roster.Counters;
import io.workerpipe.roster.Entry;
import io.workerpipe.wire.Encoder;
import io.workerpipe.wire.Layout;
import io.workerpipe.wire.Packet;
import io.workerpipe.wire.PagedAlert;
import io.workerpipe.wire.Pages;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * What this process holds for one receiver: a stream of pages in wire format, addressed by a 64-bit position. Any thread
 * sends; one at a time flushes.
 *
 * <p><b>Claim.</b> A sender reads {@code tail}, sees to it that the chunks it will need are there, and moves
 * {@code tail} by CAS. What it claimed is its own to write.
 *
 * <p><b>Publish.</b> It writes its packets and adds their bytes to their page's count. A page is ready when the count
 * says 4,096; the last, partial page is ready when the count is all that has been claimed in it. The count is read
 * before {@code tail}: at the moment {@code tail} is read no less is claimed than was published, so equal means that
 * nobody is in between.
 *
 * <p><b>Flush.</b> After publishing the sender raises {@code flushRequests} by get-and-add, a full fence. Who raises it
 * from zero has the right to flush, and keeps it until it has taken the count back to zero; with less than a full fence
 * the last alert could stay for ever. The right is handed to the writer thread when the pipe is full, when one caller
 * has written enough, and for a lent alert.
 *
 * <p><b>Write.</b> Whole pages, or at most the rest of one: the kernel cuts neither in the middle of a page (see
 * {@link PageWrites}).
 */
final class Outbox implements Pages {
    /** How a claim ended. */
    enum Offer {
        ACCEPTED, OUTBOX_FULL, POOL_EMPTY, TOO_LARGE, CLOSED
    }

    /** How a flush ended: all written; the pipe is full; the rest is for the writer thread. */
    enum Flush {
        DRAINED, PIPE_FULL, WRITER_ONLY
    }

    private static final Offer[] OFFERS = Offer.values();

    /** Stands for the length of a name, when a place for a lent alert is claimed. */
    private static final int LENT = -1;

    /** Chunks of a pool: at most 2^20, 64 GiB. Index 0 stands for no chunk. */
    private static final int INDEX_BITS = 20;

    /** What one caller writes before it leaves the rest to the writer thread. */
    private static final long CALLER_BUDGET = 1 << 20;

    /** What the writer thread writes to one receiver before it looks at the others. */
    private static final long WRITER_BUDGET = 1 << 20;

    private static final VarHandle TAIL;
    private static final VarHandle FLUSH_REQUESTS;
    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            TAIL = lookup.findVarHandle(Outbox.class, "tail", long.class);
            FLUSH_REQUESTS = lookup.findVarHandle(Outbox.class, "flushRequests", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    final Entry receiver;
    private final Fd fd;
    private final int pid;
    private final int slot;
    private final long limit;
    private final PagePool pool;
    private final PageWrites pageWrites;
    private final Counters counters;
    private final Writer writer;
    private final CallState calls;

    /** A window of the stream's chunks: chunk number and pool index in one word, so that neither is ever mistaken. */
    private final AtomicLongArray chunks;
    /** Claims that failed after attaching a chunk: it may have come too late and lie where nobody will look. */
    private final AtomicInteger strays = new AtomicInteger();
    private final ConcurrentHashMap<Long, Lent> lents = new ConcurrentHashMap<>();
    private final Gate moved = new Gate();

    /** The end of what has been claimed. Chunks are numbered from 1: a place word of 0 is an empty place. */
    private volatile long tail = Chunk.BYTES;
    /** The end of what has left the outbox; its memory may hold something else. */
    private volatile long flushed = Chunk.BYTES;
    private volatile int flushRequests;
    private final AtomicInteger lentCount = new AtomicInteger();
    /** No more claims. */
    private volatile boolean closed;
    /** What is still inside will not be written: the receiver is gone, or our time is over. */
    private volatile boolean discarding;

    /** Set and cleared with the right to flush, which is the writer thread's while it is set. */
    volatile boolean awaitingRoom;

    // Below: only with the right to flush.
    /** The end of what has been written; {@link #flushed} follows. */
    private long head = Chunk.BYTES;
    /** Alerts that end in the page of {@code head}, before it, and are counted already. */
    private int countedInPage;
    /** Set by {@link #ready}: alerts that end in the last, partial page before the position that it returned. */
    private int alertsInPartialPage;

    Outbox(Entry receiver, Fd fd, int pid, int slot, long limit, PagePool pool, PageWrites pageWrites,
            Counters counters, Writer writer, CallState calls) {
        this.receiver = receiver;
        this.fd = fd;
        this.pid = pid;
        this.slot = slot;
        this.limit = limit;
        this.pool = pool;
        this.pageWrites = pageWrites;
        this.counters = counters;
        this.writer = writer;
        this.calls = calls;
        // The window of claimed positions can begin and end in the middle of a chunk, and a claim attaches ahead.
        int window = Math.toIntExact(limit / Chunk.BYTES) + 3;
        chunks = new AtomicLongArray(Integer.highestOneBit(window) << 1);
    }

    // ---------------------------------------------------------------- sending, any thread

    /** Encodes an alert into this outbox and has it flushed. */
    Offer offer(int flags, byte[] name, MemorySegment data) {
        long position = claim(name.length, data.byteSize());
        if (position < 0) {
            return refusal(position);
        }
        try {
            Encoder.encode(this, position, pid, slot, flags, name, data);
        } finally {
            requestFlush();
        }
        return Offer.ACCEPTED;
    }

    /** Sends a control packet without a body but its kind. */
    Offer offerControl(byte kind) {
        long position = claim(0, 1);
        if (position < 0) {
            return refusal(position);
        }
        Encoder.control(this, position, pid, slot, kind);
        requestFlush();
        return Offer.ACCEPTED;
    }

    /**
     * Queues an alert whose data stays in the caller's memory until {@code done} is completed. Its place in the stream is
     * the memory into which the writer thread encodes it, piece by piece.
     */
    Offer lend(byte[] name, MemorySegment data, CompletableFuture<Void> done) {
        long position = claim(LENT, 0);
        if (position < 0) {
            return refusal(position);
        }
        long start = position + Packet.PAGE - 1 & -Packet.PAGE;
        long end = lentEnd(position);
        // The last chunk of the claim is a whole one.
        MemorySegment staging = chunk(end - Chunk.BYTES).memory;
        lents.put(start, new Lent(end, new PagedAlert(pid, slot, name, data), staging, done));
        lentCount.incrementAndGet();
        if (position != start) {
            Encoder.padding(this, position, pid, slot, (int) (start - position));
        }
        for (long page = start; page < end; page += Packet.PAGE) {
            chunk(page).publish(pageOf(page), Packet.PAGE, 0);
        }
        requestFlush();
        return Offer.ACCEPTED;
    }

    /** Waits until an alert of this length could be claimed, or the outbox is closed; false when the time is over. */
    boolean awaitRoom(int nameLength, long dataLength, long nanos) throws InterruptedException {
        return moved.await(() -> {
            long position = tail;
            return closed || Layout.end(position, nameLength, dataLength) - flushed <= limit;
        }, nanos);
    }

    /** Waits until all that was claimed before this call has left the outbox; false when the time is over. */
    boolean awaitFlushed(long nanos) throws InterruptedException {
        long target = tail;
        return moved.await(() -> flushed >= target, nanos);
    }

    /** Waits until nothing is left inside; false when the time is over. */
    boolean awaitDrained(long nanos) {
        return moved.awaitUninterruptibly(this::drained, nanos);
    }

    Fd fd() {
        return fd;
    }

    /** Bytes claimed and not yet written. */
    long queued() {
        long written = flushed;
        return Math.max(0, tail - written);
    }

    boolean drained() {
        return flushed == tail;
    }

    boolean isClosed() {
        return closed;
    }

    private boolean fits(int nameLength, long dataLength) {
        // Even an empty outbox may have to pad a page first.
        return Layout.end(0, nameLength, dataLength) + Packet.PAGE <= limit;
    }

    /** A position that is now this thread's to write, or a {@link #refusal}. */
    private long claim(int nameLength, long dataLength) {
        for (;;) {
            if (closed) {
                return refusal(Offer.CLOSED);
            }
            long position = tail;
            long end = nameLength == LENT ? lentEnd(position) : Layout.end(position, nameLength, dataLength);
            if (end - flushed > limit) {
                return refusal(
                        nameLength == LENT || fits(nameLength, dataLength) ? Offer.OUTBOX_FULL : Offer.TOO_LARGE);
            }
            Offer outcome = claim(position, end);
            if (outcome == Offer.ACCEPTED) {
                return position;
            }
            if (outcome != null) {
                return refusal(outcome);
            }
        }
    }

    private static long refusal(Offer outcome) {
        return -outcome.ordinal();
    }

    private static Offer refusal(long claimed) {
        return OFFERS[(int) -claimed];
    }

    /** A lent alert takes the rest of its page, which is padded, and whole pages to the end of a whole chunk. */
    private static long lentEnd(long position) {
        long start = position + Packet.PAGE - 1 & -Packet.PAGE;
        return (start + Chunk.BYTES - 1 & -Chunk.BYTES) + Chunk.BYTES;
    }

    /** Moves {@code tail} over a range whose chunks are there; null when another thread was faster. */
    private Offer claim(long position, long end) {
        boolean attached = false;
        long first = position & -Chunk.BYTES;
        if (end - first > Chunk.BYTES && pool.available() < (end - 1 - first) / Chunk.BYTES) {
            return Offer.POOL_EMPTY;
        }
        for (long at = first; at < end; at += Chunk.BYTES) {
            int place = place(at);
            long seen = chunks.get(place);
            long number = at >>> Chunk.BITS;
            if (seen != 0 && number(seen) == number) {
                continue;
            }
            if (at < position || seen != 0 && number(seen) > number) {
                // The chunk in whose middle tail stood is gone, or another one has its place: tail has moved on.
                return null;
            }
            Chunk fresh = pool.take();
            if (fresh == null) {
                return tail == position ? Offer.POOL_EMPTY : null;
            }
            if (!chunks.compareAndSet(place, seen, number << INDEX_BITS | fresh.index + 1)) {
                pool.give(fresh);
                at -= Chunk.BYTES;
                continue;
            }
            attached = true;
            if (seen != 0) {
                // A stray of a round before: everything up to there was flushed, or there were no room here.
                pool.give(pool.chunk(index(seen)));
            }
        }
        if (TAIL.compareAndSet(this, position, end)) {
            return Offer.ACCEPTED;
        }
        if (attached) {
            strays.incrementAndGet();
        }
        return null;
    }

    private static long number(long place) {
        return place >>> INDEX_BITS;
    }

    private static int index(long place) {
        return (int) place & (1 << INDEX_BITS) - 1;
    }

    /** The chunk of a position that is claimed and not yet flushed. */
    private Chunk chunk(long position) {
        return pool.chunk(index(chunks.get(place(position))));
    }

    private boolean isAttached(long position) {
        return number(chunks.get(place(position))) == position >>> Chunk.BITS;
    }

    private int place(long position) {
        return (int) (position >>> Chunk.BITS) & chunks.length() - 1;
    }

    private static int pageOf(long position) {
        return (int) position >>> 12 & Chunk.PAGES - 1;
    }

    @Override
    public MemorySegment memory(long position) {
        return chunk(position).memory;
    }

    @Override
    public long offset(long position) {
        return position & Chunk.BYTES - 1;
    }

    @Override
    public void written(long position, int bytes, int alerts) {
        chunk(position).publish(pageOf(position), bytes, alerts);
    }

    // ---------------------------------------------------------------- closing, any thread

    /** Takes nothing more. What is inside is still written; then the pipe is closed. */
    void finish() {
        closed = true;
        requestFlush();
    }

    /** Takes nothing more, and counts what is inside as lost. Then the pipe is closed. */
    void discard() {
        discarding = true;
        closed = true;
        requestFlush();
        // Who waits for room in the pipe must not wait on.
        writer.kick(this);
        moved.changed();
    }

    boolean isDiscarding() {
        return discarding;
    }

    // ---------------------------------------------------------------- flushing, with the right to it

    private void requestFlush() {
        if ((int) FLUSH_REQUESTS.getAndAdd(this, 1) == 0) {
            flush(CALLER_BUDGET, false);
        }
    }

    /** The writer thread takes over: it was handed the right, and the pipe may have room again. */
    Flush flushAsWriter() {
        return flush(WRITER_BUDGET, true);
    }

    private Flush flush(long budget, boolean asWriter) {
        int seen = flushRequests;
        for (;;) {
            Flush outcome = writeReady(budget, asWriter);
            if (outcome != Flush.DRAINED) {
                if (!asWriter) {
                    writer.handOver(this, outcome);
                }
                return outcome;
            }
            if (awaitingRoom) {
                writer.disarm(this);
            }
            if (closed && flushed == tail) {
                fd.close();
                // From here on nothing can be written; a claim that slipped in is discarded.
                discarding = true;
            }
            seen = (int) FLUSH_REQUESTS.getAndAdd(this, -seen) - seen;
            if (seen == 0) {
                return Flush.DRAINED;
            }
        }
    }

    private Flush writeReady(long budget, boolean asWriter) {
        long start = head;
        for (;;) {
            long from = head;
            long ready = ready(from);
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
            long to = writeEnd(from, ready);
            if (discarding) {
                advance(to, false);
                continue;
            }
            int length = (int) (to - from);
            int result = fd.write(calls, chunk(from).memory, offset(from), length);
            if (result == -Errno.EAGAIN) {
                return Flush.PIPE_FULL;
            }
            if (result < 0) {
                // EPIPE: nobody will read this any more. Nothing else can come of a write to a pipe that is open.
                discarding = true;
                closed = true;
                writer.receiverGone(receiver);
                continue;
            }
            pageWrites.check(length, result);
            advance(from + result, true);
            if (head - start >= budget) {
                return Flush.WRITER_ONLY;
            }
        }
    }

    /** How far all is published, from {@code from} to the end of its chunk at most. */
    private long ready(long from) {
        if (!isAttached(from)) {
            return from;
        }
        Chunk chunk = chunk(from);
        long page = from & -Packet.PAGE;
        long end = (from | Chunk.BYTES - 1) + 1;
        while (page < end) {
            long published = chunk.published(pageOf(page));
            int bytes = Chunk.bytes(published);
            if (bytes < Packet.PAGE) {
                alertsInPartialPage = Chunk.alerts(published);
                // After the count: see the class comment.
                return page + bytes == tail ? page + bytes : Math.max(page, from);
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

    /** Everything before {@code to} has been written, or is given up. */
    private void advance(long to, boolean written) {
        long from = head;
        long alerts = 0;
        long page = from & -Packet.PAGE;
        Chunk chunk = chunk(from);
        while (page + Packet.PAGE <= to) {
            alerts += Chunk.alerts(chunk.published(pageOf(page))) - countedInPage;
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
            count(alerts, to - from);
        } else {
            counters.add(Counter.LOST_WITH_PEER, alerts);
        }
        flushed = to;
        moved.changed();
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
                discarding = true;
                closed = true;
                writer.receiverGone(receiver);
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
        flushed = head;
        moved.changed();
        lent.complete(receiver);
        return Flush.DRAINED;
    }

    private void release(long position) {
        // Before flushed moves: only then may the place be used for a later chunk.
        pool.give(pool.chunk(index(chunks.getAndSet(place(position), 0))));
    }

    /** An idle outbox holds no memory: what remains of the last chunk is claimed, and nobody writes it. */
    private void releaseIdleChunk() {
        long at = head;
        long end = (at | Chunk.BYTES - 1) + 1;
        if ((at & Chunk.BYTES - 1) != 0 && tail == at && TAIL.compareAndSet(this, at, end)) {
            release(at);
            head = end;
            countedInPage = 0;
            flushed = end;
            moved.changed();
        }
        if (strays.get() != 0) {
            releaseStrays();
        }
    }

    /** Chunks attached for a part of the stream that had been flushed already. */
    private void releaseStrays() {
        strays.set(0);
        for (int place = 0; place < chunks.length(); place++) {
            long seen = chunks.get(place);
            if (seen != 0 && number(seen) < head >>> Chunk.BITS && chunks.compareAndSet(place, seen, 0)) {
                pool.give(pool.chunk(index(seen)));
            }
        }
    }
}
