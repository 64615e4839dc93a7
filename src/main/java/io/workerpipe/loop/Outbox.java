package io.workerpipe.loop;

import io.workerpipe.linux.CallState;
import io.workerpipe.linux.Errno;
import io.workerpipe.linux.Fd;
import io.workerpipe.linux.IoVec;
import io.workerpipe.linux.Pipe;
import io.workerpipe.roster.Counter;
import io.workerpipe.roster.Entry;
import io.workerpipe.wire.Encoder;
import io.workerpipe.wire.Layout;
import io.workerpipe.wire.Packet;
import io.workerpipe.wire.PagedAlert;
import io.workerpipe.wire.Pages;
import java.lang.foreign.Arena;
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
 * <p><b>Share.</b> A {@link SharedPage} is claimed ahead, written to by whoever broadcasts, and published when it is
 * complete.
 *
 * <p><b>Write.</b> Whole pages, or at most the rest of one: the kernel cuts neither in the middle of a page (see
 * {@link PageWrites}).
 */
final class Outbox implements Pages {
    private static final System.Logger LOG = Log.get();

    /** How a claim ended. */
    enum Offer {
        ACCEPTED, OUTBOX_FULL, POOL_EMPTY, TOO_LARGE, DROPPED, CLOSED
    }

    /** How a flush ended: all written; the pipe is full; the rest is for the writer thread. */
    enum Flush {
        DRAINED, PIPE_FULL, WRITER_ONLY
    }

    /** The sign of {@code tail}: no claim can succeed any more. */
    private static final long CLOSED = Long.MIN_VALUE;

    private static final Offer[] OFFERS = Offer.values();

    /** {@link #room} of an outbox that takes nothing from senders. */
    private static final long HELD = -1;

    /** The stream's part of the limit, where alerts may wait beside it: what is in the stream cannot be dropped any more. */
    private static final int STREAM_PART = 4;

    /** Stands for the length of a name, when a place for a lent alert is claimed... */
    private static final int LENT = -1;

    /** ...or for a page of broadcasts. */
    private static final int SHARED = -2;

    /** Chunks of a pool: at most 2^20, 64 GiB. Index 0 stands for no chunk. */
    private static final int INDEX_BITS = 20;

    /** Of a chunk's number, in the name of a part: 2^40 chunks are 64 PiB. */
    private static final int NUMBER_BITS = 40;

    /** What one caller writes before it leaves the rest to the writer thread. */
    private static final long CALLER_BUDGET = 1 << 20;

    /** How often who waits for room looks by himself. */
    private static final long ROOM_LOOK_NANOS = 1_000_000;

    /** What the writer thread writes to one receiver before it looks at the others. */
    private static final long WRITER_BUDGET = 1 << 20;

    private static final VarHandle TAIL;
    private static final VarHandle FLUSH_REQUESTS;
    private static final VarHandle SHARED_PAGE;
    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            TAIL = lookup.findVarHandle(Outbox.class, "tail", long.class);
            FLUSH_REQUESTS = lookup.findVarHandle(Outbox.class, "flushRequests", long.class);
            SHARED_PAGE = lookup.findVarHandle(Outbox.class, "sharedPage", SharedPage.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    final Entry receiver;
    /** At hand. */
    final int receiverPid;
    private final Fd fd;
    private final int pid;
    private final int slot;
    /** What may be in the stream, and beside it. */
    private final long limit;
    /** What senders may have in it: less than the limit where alerts may wait beside it. */
    private final long usual;
    /** Null without a policy that drops. */
    private final Overflow overflow;
    private final PagePool pool;
    private final PageWrites pageWrites;
    private final PageSplices pageSplices;
    private final Counts counters;
    private final Writer writer;
    private final Deferred deferred;
    private final CallState calls;

    /** A window of the stream's chunks: chunk number and pool index in one word, so that neither is ever mistaken. */
    private final AtomicLongArray chunks;
    /** Saves looking it up in the pool, as a rule. Any chunk will do: it is asked for its index. */
    private Chunk recent = Chunk.NONE;
    /** The same for senders, who ask it which part of which stream it is. */
    private Chunk filled = Chunk.NONE;
    /** Added to a chunk's number, it gives the part's name. */
    private final long firstPart;
    /** Claims that failed after attaching a chunk: it may have come too late and lie where nobody will look. */
    private final AtomicInteger strays = new AtomicInteger();
    private final ConcurrentHashMap<Long, Lent> lents = new ConcurrentHashMap<>();
    private final Gate moved = new Gate();
    /** For those who wait for room: opened when half of it is free, so that they are woken once for many chunks. */
    private final Gate roomMade = new Gate();
    private final Pace pace = new Pace();

    /**
     * The end of what has been claimed, and {@link #CLOSED}. Chunks are numbered from 1: a place word of 0 is an empty
     * place.
     */
    private volatile long tail = Chunk.BYTES;
    /** The end of what has left the outbox; its memory may hold something else. */
    private volatile long flushed = Chunk.BYTES;
    /** {@link #usual}, or {@link #HELD}. */
    private volatile long room;
    /** Not an int: whoever keeps trying a stopped receiver raises it, and its wrap to zero would give the right twice. */
    private volatile long flushRequests;
    /** Less than a page is written only when somebody asked for it. */
    private volatile boolean tailWanted;
    private final AtomicInteger lentCount = new AtomicInteger();
    /** Set before it has a place in this stream, until it is published in it. What is claimed behind it ends it. */
    private volatile SharedPage sharedPage;
    /** What is still inside will not be written: the receiver is gone, or our time is over. */
    private volatile boolean discarding;

    /** Used by the reader thread only; see {@link Deferred}. */
    boolean isDeferred;
    /** Set and cleared with the right to flush, which is the writer thread's while it is set. */
    volatile boolean awaitingRoom;

    /** Whether the chunk that left last went by reference. Written with the right to flush; a guess for others. */
    private boolean byReference;

    // Below: only with the right to flush.
    private final SplicedChunks spliced;
    /** One entry; made at the first splice. */
    private MemorySegment vector;
    /** The end of what has been written; {@link #flushed} follows. */
    private long head = Chunk.BYTES;
    /** {@link #head} when no memory was kept for what may come. */
    private long idleAt = head;
    /** Alerts that end in the page of {@code head}, before it, and are counted already. */
    private int countedInPage;
    /** Set by {@link #ready}: alerts that end in the last, partial page before the position that it returned. */
    private int alertsInPartialPage;

    Outbox(Entry receiver, Fd fd, int pid, int slot, long limit, PagePool pool, PageWrites pageWrites,
            PageSplices pageSplices, DropRule dropRule, Counts counters, Writer writer, CallState calls) {
        this.receiver = receiver;
        this.receiverPid = receiver.pid();
        this.fd = fd;
        this.pid = pid;
        this.slot = slot;
        this.limit = limit;
        this.usual = dropRule == null || dropRule.dropping == Dropping.NEWEST
                ? limit
                : Math.max(Chunk.BYTES, limit / STREAM_PART);
        this.room = usual;
        this.overflow = dropRule == null ? null : new Overflow(this, dropRule, limit, counters);
        this.pool = pool;
        this.firstPart = (long) pool.newStream() << NUMBER_BITS;
        this.pageWrites = pageWrites;
        this.pageSplices = pageSplices;
        this.spliced = new SplicedChunks(pool, Pipe.size(fd));
        this.counters = counters;
        this.writer = writer;
        this.deferred = writer.deferred();
        this.calls = calls;
        // The window of claimed positions can begin and end in the middle of a chunk, and a claim attaches ahead.
        int window = Math.toIntExact(limit / Chunk.BYTES) + 3;
        chunks = new AtomicLongArray(Integer.highestOneBit(window) << 1);
    }

    // ---------------------------------------------------------------- sending, any thread

    /**
     * Whether who sends now need not look at the roster first: in a burst, but for what begins a page, and as long as the
     * pipe has room. So he looks once a page, and each time where alerts come slowly or a receiver stands still.
     */
    boolean isAmidBurst() {
        return pace.isBurst() && !awaitingRoom && (tail & Packet.PAGE - 1) != 0;
    }

    /** Encodes an alert into this outbox and has it flushed. */
    Offer offer(int flags, byte[] name, MemorySegment data) {
        return offerNow(flags, name, data) ? Offer.ACCEPTED : offerAnywhere(flags, name, data);
    }

    /**
     * The same if it is one packet, there is room for it in a chunk that is there, and nobody else claims at the same time.
     * If not, nothing has happened.
     */
    boolean offerNow(int flags, byte[] name, MemorySegment data) {
        long position = tail;
        long length = name.length + data.byteSize();
        int bytes = Layout.wholeBytes(position, length);
        Chunk chunk = chunkToFill(position);
        if (chunk == null || !Layout.fitsPage(position, length) || !claimWhole(position, bytes)) {
            return false;
        }
        int alerts = 0;
        try {
            Encoder.packet(chunk.address + offset(position), bytes, pid, slot, flags, name, data);
            alerts = 1;
        } finally {
            publishWhole(chunk, position, bytes, alerts);
        }
        return true;
    }

    /** The same for data of an array: a segment of it would be an object. */
    boolean offerNow(byte[] name, byte[] data) {
        long position = tail;
        long length = (long) name.length + data.length;
        int bytes = Layout.wholeBytes(position, length);
        Chunk chunk = chunkToFill(position);
        if (chunk == null || !Layout.fitsPage(position, length) || !claimWhole(position, bytes)) {
            return false;
        }
        int alerts = 0;
        try {
            Encoder.packet(chunk.address + offset(position), bytes, pid, slot, name, data);
            alerts = 1;
        } finally {
            publishWhole(chunk, position, bytes, alerts);
        }
        return true;
    }

    /**
     * The chunk of a position that may be claimed next, or null if none is attached or the outbox is closed.
     *
     * <p>What a chunk says of itself may be over by now, and it may be in another stream. But a chunk leaves its part only
     * when {@code tail} is past that, and {@code tail} never comes back: whoever then gets the position has the right chunk.
     */
    private Chunk chunkToFill(long position) {
        Chunk chunk = filled;
        return chunk.isPart(part(position)) && position >= 0 ? chunk : findChunkToFill(position);
    }

    private Chunk findChunkToFill(long position) {
        long attached = chunks.get(place(position));
        if (position < 0 || number(attached) != position >>> Chunk.BITS) {
            return null;
        }
        Chunk chunk = pool.chunk(index(attached));
        filled = chunk;
        return chunk;
    }

    /** The name of the part of this stream that a position is in; no other stream of the pool has one like it. */
    private long part(long position) {
        return firstPart + (position >>> Chunk.BITS);
    }

    /** Claims room for an alert of one packet. */
    private boolean claimWhole(long position, int bytes) {
        long end = position + bytes;
        if (end - flushed > room) {
            return false;
        }
        boolean claimed = TAIL.compareAndSet(this, position, end);
        if (!claimed) {
            giveWay();
        }
        return claimed;
    }

    /**
     * Another thread sends at the same time. In a burst both would go on taking the same lines of memory from each other,
     * and where there are more threads than processors they would do so in the receiver's time. The group's own threads go
     * on: others wait for them.
     */
    private void giveWay() {
        if (pace.isBurst() && !writer.isCurrentThread() && !deferred.isReader()) {
            // The caller may have looked at the roster, and this is a call into the VM.
            CutFile.settle();
            Thread.yield();
        }
    }

    private void publishWhole(Chunk chunk, long position, int bytes, int alerts) {
        sealSharedPage();
        written(chunk, position, bytes, alerts);
        long end = position + bytes;
        if (!chunk.isOwnedByFlushing()) {
            flushSoon(position, end);
        } else if (!pace.leaves(position, end)) {
            flushWhenDue(position, end);
        }
    }

    private Offer offerAnywhere(int flags, byte[] name, MemorySegment data) {
        // The caller has looked at the roster: not between claim and publish.
        CutFile.settle();
        if (room == HELD && !isClosed()) {
            return fits(name.length, data.byteSize()) ? Offer.OUTBOX_FULL : Offer.TOO_LARGE;
        }
        long position = claim(name.length, data.byteSize());
        if (position == refusal(Offer.OUTBOX_FULL)) {
            // The tail of a burst may lie there though the pipe has room.
            requestFlush();
            position = claim(name.length, data.byteSize());
        } else if (position == refusal(Offer.POOL_EMPTY)) {
            // It may be this outbox itself that holds what it does not need, and nobody else who sends would say so.
            freeMemory();
            writer.freeMemory();
            position = claim(name.length, data.byteSize());
        }
        if (position < 0) {
            return refusal(position);
        }
        long end;
        try {
            end = Encoder.encode(this, position, pid, slot, flags, name, data);
        } catch (RuntimeException | Error e) {
            // What was claimed is padding now.
            requestFlush();
            throw e;
        }
        sealSharedPage();
        flushSoon(position, end);
        return Offer.ACCEPTED;
    }

    /** For an alert that was refused since the outbox is full; with a policy that drops only. */
    Offer overflow(byte[] name, MemorySegment data) {
        return overflow.put(name, data);
    }

    /** Sends a control packet without a body but its kind. What waits for room does not hold it up. */
    Offer offerControl(byte kind) {
        long position = claim(0, 1, limit);
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
        long bound = room == HELD ? HELD : limit;
        long position = claim(LENT, 0, bound);
        if (position == refusal(Offer.POOL_EMPTY)) {
            freeMemory();
            writer.freeMemory();
            position = claim(LENT, 0, bound);
        }
        if (position < 0) {
            return refusal(position);
        }
        long start = pageStart(position);
        long end = lentEnd(position);
        // The last chunk of the claim is a whole one.
        MemorySegment staging = chunk(end - Chunk.BYTES).memory;
        lents.put(start, new Lent(end, new PagedAlert(pid, slot, name, data), staging, done));
        lentCount.incrementAndGet();
        padTo(start, position);
        // The first page last: as soon as it is ready the writer thread may write all of it and give the chunks back.
        for (long page = end - Packet.PAGE; page >= start; page -= Packet.PAGE) {
            chunk(page).publish(pageOf(page), Packet.PAGE, 0);
        }
        requestFlush();
        return Offer.ACCEPTED;
    }

    /** A page begins there, whatever is left of the one before it. */
    private void padTo(long start, long position) {
        if (position != start) {
            Encoder.padding(this, position, pid, slot, (int) (start - position));
        }
    }

    /** Waits until an alert of this length could be claimed, or the outbox is closed; false when the time is over. */
    boolean awaitRoom(int nameLength, long dataLength, long nanos) throws InterruptedException {
        long end = System.nanoTime() + nanos;
        for (;;) {
            // In slices: there may be room enough for this one though never half of the outbox is free.
            long left = end - System.nanoTime();
            boolean found = roomMade.await(() -> {
                long position = tail;
                return position < 0 || Layout.end(position, nameLength, dataLength) - flushed <= limit;
            }, Math.min(left, ROOM_LOOK_NANOS));
            if (found || left <= ROOM_LOOK_NANOS) {
                return found;
            }
        }
    }

    /** Waits until all that was sent before this call has left the outbox; false when the time is over. */
    boolean awaitFlushed(long nanos) throws InterruptedException {
        long end = System.nanoTime() + nanos;
        if (overflow != null) {
            long last = overflow.last();
            if (!moved.await(() -> overflow.isFedTo(last), nanos)) {
                return false;
            }
        }
        long target = claimed();
        return moved.await(() -> flushed >= target, end - System.nanoTime());
    }

    /** Waits until nothing is left inside; false when the time is over. */
    boolean awaitDrained(long nanos) {
        return moved.awaitUninterruptibly(this::drained, nanos);
    }

    Fd fd() {
        return fd;
    }

    /** Bytes that wait to be written. */
    long queued() {
        return queuedInStream() + (overflow == null ? 0 : overflow.bytes());
    }

    /** Bytes claimed and not yet written. */
    long queuedInStream() {
        long written = flushed;
        return Math.max(0, claimed() - written);
    }

    private long claimed() {
        return tail & ~CLOSED;
    }

    boolean drained() {
        // In this order: what is fed has been claimed before it is no longer seen in the overflow.
        return (overflow == null || overflow.isEmpty()) && streamDrained();
    }

    private boolean streamDrained() {
        return flushed == claimed();
    }

    boolean isClosed() {
        return tail < 0;
    }

    void closeClaims() {
        long seen;
        do {
            seen = tail;
        } while (!TAIL.compareAndSet(this, seen, seen | CLOSED));
    }

    private boolean fits(int nameLength, long dataLength) {
        // Even an empty outbox may have to pad a page first.
        return Layout.end(0, nameLength, dataLength) + Packet.PAGE <= Math.min(limit, pool.limit());
    }

    /** Waits until the pool has what an alert of this length needs, or the outbox is closed; false when time is over. */
    boolean awaitPool(int nameLength, long dataLength, long nanos) throws InterruptedException {
        return pool.await(() -> {
            long position = tail;
            return position < 0 || pool.available() >= missing(position, Layout.end(position, nameLength, dataLength));
        }, nanos);
    }

    /** Chunks of a range that are not attached. */
    private int missing(long position, long end) {
        int missing = 0;
        for (long at = position & -Chunk.BYTES; at < end; at += Chunk.BYTES) {
            missing += isAttached(at) ? 0 : 1;
        }
        return missing;
    }

    /** A position that is now this thread's to write, or a {@link #refusal}. */
    private long claim(int nameLength, long dataLength) {
        return claim(nameLength, dataLength, room);
    }

    /** @param bound how many bytes may be in the stream then */
    private long claim(int nameLength, long dataLength, long bound) {
        for (;;) {
            long position = tail;
            if (position < 0) {
                return refusal(Offer.CLOSED);
            }
            long end = switch (nameLength) {
                case LENT -> lentEnd(position);
                case SHARED -> pageStart(position) + Packet.PAGE;
                default -> Layout.end(position, nameLength, dataLength);
            };
            // What is longer than the usual gets into a stream that is empty; HELD is not the usual.
            long most = bound == usual && position == flushed ? limit : bound;
            if (end - flushed > most) {
                return refusal(
                        nameLength < 0 || fits(nameLength, dataLength) ? Offer.OUTBOX_FULL : Offer.TOO_LARGE);
            }
            Offer outcome = claim(position, end);
            if (outcome == Offer.ACCEPTED) {
                return position;
            }
            if (outcome == Offer.POOL_EMPTY && nameLength >= 0 && !fits(nameLength, dataLength)) {
                // Nobody could give back enough.
                return refusal(Offer.TOO_LARGE);
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
        return (pageStart(position) + Chunk.BYTES - 1 & -Chunk.BYTES) + Chunk.BYTES;
    }

    /** Where the next page begins, if not here. */
    static long pageStart(long position) {
        return position + Packet.PAGE - 1 & -Packet.PAGE;
    }

    /** Moves {@code tail} over a range whose chunks are there; null when another thread was faster. */
    private Offer claim(long position, long end) {
        if (end - position > Chunk.BYTES && pool.available() < missing(position, end)) {
            return Offer.POOL_EMPTY;
        }
        boolean attached = false;
        Offer outcome = Offer.ACCEPTED;
        for (long at = position & -Chunk.BYTES; at < end && outcome == Offer.ACCEPTED; at += Chunk.BYTES) {
            if (!isAttached(at)) {
                outcome = attach(at, position);
                attached |= outcome == Offer.ACCEPTED;
            }
        }
        if (outcome == Offer.ACCEPTED && TAIL.compareAndSet(this, position, end)) {
            return Offer.ACCEPTED;
        }
        if (attached) {
            strays.incrementAndGet();
            if (outcome == Offer.POOL_EMPTY || isClosed()) {
                // Nobody else may come to collect them.
                requestFlush();
            }
        }
        return outcome == Offer.POOL_EMPTY && tail == position ? Offer.POOL_EMPTY : null;
    }

    /** Attaches a chunk for a part of the stream; null when another thread was faster. */
    private Offer attach(long at, long position) {
        int place = place(at);
        long number = at >>> Chunk.BITS;
        for (;;) {
            long seen = chunks.get(place);
            if (seen != 0 && number(seen) == number) {
                return Offer.ACCEPTED;
            }
            if (at < position || seen != 0 && number(seen) > number) {
                // The chunk in whose middle tail stood is gone, or another one has its place: tail has moved on.
                return null;
            }
            Chunk fresh = byReference ? pool.takeRested() : pool.take();
            if (fresh == null) {
                return Offer.POOL_EMPTY;
            }
            fresh.ownedBy(Thread.currentThread(), !writer.isCurrentThread() && !deferred.isReader());
            if (chunks.compareAndSet(place, seen, number << INDEX_BITS | fresh.index + 1)) {
                if (seen != 0) {
                    // A stray of a round before: everything up to there was flushed, or there were no room here.
                    pool.give(pool.chunk(index(seen)));
                }
                // Not before: senders may remember a chunk of an earlier life, and this one could have come too late.
                fresh.attachedAs(part(at));
                return Offer.ACCEPTED;
            }
            pool.give(fresh);
        }
    }

    private static long number(long place) {
        return place >>> INDEX_BITS;
    }

    private static int index(long place) {
        return (int) place & (1 << INDEX_BITS) - 1;
    }

    /** The chunk of a position that is claimed and not yet flushed. */
    private Chunk chunk(long position) {
        return chunk(index(chunks.get(place(position))));
    }

    private Chunk chunk(int index) {
        Chunk chunk = recent;
        if (chunk.index + 1 != index) {
            chunk = pool.chunk(index);
            recent = chunk;
        }
        return chunk;
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
    public long address(long position) {
        return chunk(position).address + offset(position);
    }

    /** Where in its chunk a position is. */
    private static long offset(long position) {
        return position & Chunk.BYTES - 1;
    }

    @Override
    public void written(long position, int bytes, int alerts) {
        written(chunk(position), position, bytes, alerts);
    }

    private void written(Chunk chunk, long position, int bytes, int alerts) {
        chunk.publish(pageOf(position), bytes, alerts);
        if ((position + bytes & Chunk.BYTES - 1) == 0) {
            // Enough for a system call, and still in the processor's cache: also in the middle of a long alert.
            requestPages();
            pace.wrote(deferred.batches());
        }
    }

    // ---------------------------------------------------------------- for broadcasts that share a page

    /** Whether a page may be claimed in it ahead of what will be in it: in a burst only, in which somebody looks after it. */
    boolean mayShare() {
        long position = tail;
        return position >= 0 && overflow == null && pace.isBurst() && position + 2 * Packet.PAGE - flushed <= room;
    }

    /**
     * Claims what is left of a page and the next one, for broadcasts that are still to come. {@link #beginPage} follows.
     *
     * @return a position, or a negative number if there is no room
     */
    long claimPage(SharedPage page) {
        // Before the claim: who claims behind it must see whose order he would break.
        sharedPage = page;
        long position = claim(SHARED, 0);
        if (position < 0) {
            SHARED_PAGE.compareAndSet(this, page, null);
        }
        return position;
    }

    /** After {@link #claimPage} has returned this position. */
    void beginPage(long position) {
        padTo(pageStart(position), position);
        if (!pace.isBurst()) {
            // It ended meanwhile, and nobody would look after the page.
            writer.watchBurst(this);
        }
    }

    /** Encodes a broadcast to an address in a page that was claimed in this outbox. */
    void encodeShared(long address, int bytes, byte[] name, MemorySegment data) {
        Encoder.packet(address, bytes, pid, slot, 0, name, data);
    }

    /** The same for bytes of it that nobody wants. */
    void padShared(long address, int bytes) {
        Packet.padding(address, pid, slot, bytes, 0);
    }

    /**
     * A page that was claimed is complete: its bytes are taken from an address, which may be its own. Nothing in it can
     * fail, and nothing is written: the writer thread does, or {@link #flushPage}.
     */
    void publishPage(SharedPage page, long position, long from, int alerts) {
        Packet.copyPage(from, address(position));
        SHARED_PAGE.compareAndSet(this, page, null);
        pace.came(alerts);
        chunk(position).publish(pageOf(position), Packet.PAGE, alerts);
    }

    /** What is due after a page was published. */
    void flushPage(long position) {
        if ((position + Packet.PAGE & Chunk.BYTES - 1) == 0) {
            requestPages();
            pace.wrote(deferred.batches());
        } else if (!isFlushedByRole()) {
            flushWhenDue(position, position + Packet.PAGE);
        }
    }

    /** Whether broadcasts are in a page of this outbox that is not complete. */
    boolean isSharing() {
        SharedPage page = sharedPage;
        return page != null && page.alerts() > 0;
    }

    /**
     * What is broadcast from now on comes after what this thread has sent to this receiver, or has to be written at once:
     * so it is not added to a page that lies before.
     */
    private void sealSharedPage() {
        SharedPage page = sharedPage;
        if (page != null) {
            page.seal(false);
        }
    }

    // ---------------------------------------------------------------- for the overflow

    /** From now on nothing is taken from senders; with the overflow's lock. */
    void hold() {
        room = HELD;
    }

    /** It is again; with the overflow's lock. */
    void open() {
        room = usual;
    }

    boolean isHalfFree() {
        return queuedInStream() <= limit / 2;
    }

    /**
     * With the right to flush: a position in the stream for what waits beside it, or a negative number. What is longer than
     * the usual gets in when the stream is empty.
     */
    long claimFed(int nameLength, long dataLength) {
        boolean empty = streamDrained();
        long position = claim(nameLength, dataLength, empty ? limit : usual);
        if (empty && position == refusal(Offer.POOL_EMPTY)) {
            // Other outboxes have it all; no write of this one would lead to another try.
            writer.watchBurst(this);
        }
        return position;
    }

    void encodeFed(long position, byte[] name, MemorySegment data) {
        Encoder.encode(this, position, pid, slot, 0, name, data);
    }

    void encodeLoss(long position, long count) {
        Encoder.loss(this, position, pid, slot, count);
    }

    /** Something that waited has moved on, or is dropped. */
    void moved() {
        moved.changed();
    }

    // ---------------------------------------------------------------- closing, any thread

    /** Takes nothing more. What is inside is still written; then the pipe is closed. */
    void finish() {
        if (overflow == null || overflow.close()) {
            closeClaims();
        }
        requestFlush();
        roomMade.changed();
        pool.changed();
    }

    /** Takes nothing more, and counts what is inside as lost. Then the pipe is closed. */
    void discard() {
        discarding = true;
        closeClaims();
        requestFlush();
        // Who waits for room in the pipe must not wait on.
        writer.kick(this);
        moved.changed();
        roomMade.changed();
        pool.changed();
    }

    boolean isDiscarding() {
        return discarding;
    }

    // ---------------------------------------------------------------- flushing, with the right to it

    /** What a handler sends is flushed at the end of its batch; what comes in a burst, by the page. */
    private void flushSoon(long position, long end) {
        if (!isFlushedByRole() && !pace.leaves(position, end)) {
            flushWhenDue(position, end);
        }
    }

    /** What the group's own threads publish. */
    private boolean isFlushedByRole() {
        if (deferred.defers(this)) {
            return true;
        }
        if (writer.isCurrentThread()) {
            // A stage of a lent alert sends: it may block after that, and nobody else would write the tail. Or a page that
            // broadcasts share has been open for too long.
            writeTail();
            return true;
        }
        return false;
    }

    private void flushWhenDue(long position, long end) {
        switch (pace.next(end - position, end - flushed, writer.writeInterval(), deferred.batches(),
                writer.broadcasts().areFast())) {
            case WRITE -> {
                writeTail();
                pace.wrote(deferred.batches());
            }
            case WRITE_PAGES -> {
                requestPages();
                pace.wrote(deferred.batches());
            }
            case BEGIN_BURST -> writer.watchBurst(this);
            case LEAVE -> {
            }
        }
    }

    /** Has all of it written, by this thread or whoever is at it. Any thread. */
    void requestFlush() {
        sealSharedPage();
        writeTail();
    }

    /** The same, but for the page that broadcasts share now. */
    private void writeTail() {
        tailWanted = true;
        requestPages();
    }

    /** The same, but what is less than a page may stay until somebody asks for it. */
    private void requestPages() {
        if ((long) FLUSH_REQUESTS.getAndAdd(this, 1L) == 0) {
            flush(CALLER_BUDGET, false);
        }
    }

    /** Alerts that came in bursts since the last {@link #flushTail}. */
    int alertsSinceLook() {
        return pace.alertsSinceLook();
    }

    /**
     * By the writer thread, as long as there is a burst: false when it is over, and all that came in it is written. What
     * a sender has just published may not be seen yet: then it is looked at again.
     *
     * @param alertsOfAll      that came in the bursts of all outboxes since the last look
     * @param writtenBySenders what {@link #isWrittenBySenders} said just before
     */
    boolean flushTail(int alertsOfAll, boolean writtenBySenders) {
        if (awaitingRoom) {
            // The right to flush is this thread's already: there is nothing to do before the pipe has room. Nor can it be
            // said whether the burst is over: who sends may be waiting too.
            tailWanted = true;
            pace.forget();
            return true;
        }
        if (isSharing()) {
            // What has come is counted when the page is complete, which whoever goes on brings about, or the next look.
            if (!pace.wroteJustNow(writer.writeInterval())) {
                // What lies before it: who had only to seal an earlier page has left it.
                requestPages();
            }
            return true;
        }
        boolean goesOn = pace.look(claimed(), writer.lookInterval(), alertsOfAll, roomMade.isAwaited());
        if (!goesOn || !drained() && !writtenBySenders) {
            writeTail();
        }
        return goesOn || !drained();
    }

    /** By the writer thread, before {@link #flushTail}: whether senders go on and write by themselves. */
    boolean isWrittenBySenders() {
        return !isSharing() && pace.alertsSinceLook() != 0 && pace.wroteJustNow(writer.writeInterval());
    }

    /** By the writer thread, before it looks for the first time. */
    void burstBegins() {
        pace.forget();
    }

    /** Has all of it written, and no memory kept for what may come. Any thread. */
    void freeMemory() {
        pace.coolAtOnce();
        requestFlush();
    }

    /** By the writer thread, some time after a burst: it needs no memory any more, unless there is another one. */
    void cool() {
        pace.cool();
        if (!pace.isWarm()) {
            requestFlush();
        }
    }

    /** The writer thread takes over: it was handed the right, and the pipe may have room again. */
    Flush flushAsWriter() {
        return flush(WRITER_BUDGET, true);
    }

    private Flush flush(long budget, boolean asWriter) {
        long stop = head + budget;
        long seen = flushRequests;
        for (;;) {
            boolean closed = isClosed();
            Flush outcome = tryWriteReady(stop, asWriter);
            if (outcome != Flush.DRAINED) {
                if (!asWriter) {
                    writer.handOver(this, outcome);
                }
                return outcome;
            }
            if (awaitingRoom) {
                writer.disarm(this);
            }
            if (isClosed() && drained()) {
                if (!closed) {
                    // In between: its last chunk may not have been given back.
                    continue;
                }
                fd.close();
            }
            seen = (long) FLUSH_REQUESTS.getAndAdd(this, -seen) - seen;
            if (seen == 0) {
                return Flush.DRAINED;
            }
        }
    }

    /** Whatever fails here must not keep the right to flush for ever: the rest is given up, and said. */
    private Flush tryWriteReady(long stop, boolean asWriter) {
        try {
            // The caller may have looked at a roster that was cut under our feet. The InternalError comes at the thread's
            // next safepoint: it must not be the end of a write, which would be made twice. A call into the VM has one.
            Thread.holdsLock(this);
            return writeReady(stop, asWriter);
        } catch (InternalError e) {
            return writeReady(stop, asWriter);
        } catch (RuntimeException | Error e) {
            if (discarding) {
                throw e;
            }
            LOG.log(System.Logger.Level.ERROR, "writing to worker " + receiver.pid() + " failed: what waits is lost",
                    e);
            discarding = true;
            closeClaims();
            return writeReady(stop, asWriter);
        }
    }

    private Flush writeReady(long stop, boolean asWriter) {
        Flush outcome = writeAsked(stop, asWriter);
        if (overflow != null) {
            if (discarding) {
                overflow.discard();
            } else {
                overflow.feed();
            }
        }
        return outcome;
    }

    private Flush writeAsked(long stop, boolean asWriter) {
        // Before looking at what is there: who asks later has published later, and is heard in another round.
        boolean asked = tailWanted;
        if (asked) {
            tailWanted = false;
        }
        boolean tail = asked || isClosed();
        Flush outcome = null;
        try {
            outcome = writeReady(stop, asWriter, tail);
        } finally {
            if (asked && outcome != Flush.DRAINED) {
                tailWanted = true;
            }
        }
        return outcome;
    }

    /**
     * One method, so long that the compiler makes code of it once (it inlines none of more than 325 bytes, FreqInlineSize):
     * else each method on the way from {@code send} to here had all of this in its code, and took 0.4 s to compile.
     */
    private Flush writeReady(long stop, boolean asWriter, boolean tail) {
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
                // EPIPE: nobody will read this any more. Nothing else can come of a write to a pipe that is open.
                discarding = true;
                closeClaims();
                writer.receiverGone(receiver);
                continue;
            }
            if (written) {
                pageWrites.check(length, result);
            }
            // All before this is written, or given up.
            long to = from + result;
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
                count(alerts, result);
            } else {
                counters.add(Counter.LOST_WITH_PEER, alerts);
            }
            flushed(to);
            if (written && to >= stop) {
                return Flush.WRITER_ONLY;
            }
        }
    }

    /**
     * By reference in a burst, where that pays, else by a copy: an idle outbox would hold the pages.
     */
    private int write(long from, int length) {
        Chunk chunk = chunk(from);
        if (!pageSplices.pay(length, from - idleAt) || !pace.isBurst() || !pool.isRoomy()) {
            int result = fd.write(calls, chunk.memory, offset(from), length);
            if (result > 0 && (from & Packet.PAGE - 1) == 0) {
                spliced.took(result / Packet.PAGE);
            }
            return result;
        }
        if (vector == null) {
            vector = IoVec.allocate(Arena.ofAuto(), 1);
        }
        IoVec.set(vector, 0, chunk.memory, offset(from), length);
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
                return page + bytes == claimed() ? page + bytes : Math.max(page, from);
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

    /** Everything before this has left, and its memory is free. */
    private void flushed(long position) {
        flushed = position;
        moved.changed();
        if (claimed() - position <= limit / 2) {
            roomMade.changed();
        }
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
                closeClaims();
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
        flushed(head);
        writer.complete(() -> lent.complete(receiver));
        return Flush.DRAINED;
    }

    private void release(long position) {
        // Before flushed moves: only then may the place be used for a later chunk.
        Chunk chunk = pool.chunk(index(chunks.getAndSet(place(position), 0)));
        byReference = chunk.splicedAt != 0;
        spliced.release(chunk);
    }

    /** An idle outbox that is not warm holds no memory: what remains of the last chunk is claimed, and nobody writes it. */
    private void releaseIdleChunk() {
        if (pace.isWarm() && !isClosed() && pool.isRoomy()) {
            // More will come; the writer thread looks once more when nothing has for a while.
            return;
        }
        long at = head;
        long end = at + Chunk.BYTES - 1 & -Chunk.BYTES;
        if (end != at && skip(at, end)) {
            release(at);
            skipped(end);
        }
        spliced.releaseAll();
        if (strays.get() != 0) {
            releaseStrays();
        }
        idleAt = head;
    }

    /** Claims what nobody will write, unless somebody has claimed from there on. */
    private boolean skip(long at, long end) {
        long seen = tail;
        return (seen & ~CLOSED) == at && TAIL.compareAndSet(this, seen, end | seen & CLOSED);
    }

    private void skipped(long end) {
        head = end;
        countedInPage = 0;
        flushed(end);
    }

    /**
     * Chunks attached for a part of the stream that had been flushed already, or ahead of it by a claim that failed. The
     * stream goes on behind them, so that no claim that is under way can be for one of them.
     */
    private void releaseStrays() {
        strays.set(0);
        long at = head;
        long last = 0;
        for (int place = 0; place < chunks.length(); place++) {
            last = Math.max(last, number(chunks.get(place)));
        }
        long end = Math.max(at, last + 1 << Chunk.BITS);
        if ((at & Chunk.BYTES - 1) != 0 || !skip(at, end)) {
            // Somebody sends: it is looked at again when he has flushed.
            strays.incrementAndGet();
            return;
        }
        for (int place = 0; place < chunks.length(); place++) {
            long seen = chunks.get(place);
            if (seen != 0 && number(seen) < end >>> Chunk.BITS && chunks.compareAndSet(place, seen, 0)) {
                pool.give(pool.chunk(index(seen)));
            }
        }
        skipped(end);
    }
}
