package io.workerpipe.loop;

import io.workerpipe.linux.CallState;
import io.workerpipe.linux.Fd;
import io.workerpipe.roster.Entry;
import io.workerpipe.wire.Encoder;
import io.workerpipe.wire.Layout;
import io.workerpipe.wire.Packet;
import io.workerpipe.wire.PagedAlert;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.CompletableFuture;

/**
 * What this process holds for one receiver: a {@link PageStream} that any thread sends to, and the right to let it flow
 * into the receiver's pipe ({@link Outflow}), which one at a time has.
 *
 * <p><b>Flush.</b> After publishing the sender raises {@code flushRequests} by get-and-add, a full fence. Who raises it
 * from zero has the right to flush, and keeps it until it has taken the count back to zero; with less than a full fence
 * the last alert could stay for ever. The right is handed to the writer thread when the pipe is full, unless who sends may
 * wait for it a moment, or is the reader thread, which comes again ({@link Deferred}); when one caller has written enough;
 * and for a lent alert.
 *
 * <p><b>Share.</b> A {@link SharedPage} is claimed ahead, written to by whoever broadcasts, and published when it is
 * complete.
 */
final class Outbox extends PageStream {
    private static final System.Logger LOG = Log.get();

    /** How a claim ended. */
    enum Offer {
        ACCEPTED, OUTBOX_FULL, POOL_EMPTY, TOO_LARGE, DROPPED, CLOSED
    }

    /** How a flush ended: all written; the pipe is full; the rest is for the writer thread. */
    enum Flush {
        DRAINED, PIPE_FULL, WRITER_ONLY
    }

    private static final Offer[] OFFERS = Offer.values();

    /** {@link #room} of an outbox that takes nothing from senders. */
    private static final long HELD = -1;

    /** The stream's part of the limit, where alerts may wait beside it: what is in the stream cannot be dropped any more. */
    private static final int STREAM_PART = 4;

    /** Stands for the length of a name, when a place for a lent alert is claimed... */
    private static final int LENT = -1;

    /** ...or for a page of broadcasts. */
    private static final int SHARED = -2;

    /** Who has the right to flush, and what he does when the pipe is full. */
    private enum Flusher {
        /** Leaves it to the writer thread, unless he may wait for it. */
        SENDER,
        /** Gives the right back, and comes again after his next batch at the latest. */
        READER,
        /** Waits for room. */
        WRITER
    }

    /** What one caller writes before it leaves the rest to the writer thread. */
    private static final long CALLER_BUDGET = 1 << 20;

    /** So often in a row the reader thread tries a full pipe in vain before it leaves it to the writer thread. */
    private static final int MOST_TRIES = 64;

    /** How often who waits for room looks by himself. */
    private static final long ROOM_LOOK_NANOS = 1_000_000;

    private static final VarHandle FLUSH_REQUESTS;
    private static final VarHandle SHARED_PAGE;
    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
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
    private final Outflow outflow;
    private final Patience patience;
    private final Writer writer;
    private final Deferred deferred;

    private final Gate moved = new Gate();
    /** For those who wait for room: opened when half of it is free, so that they are woken once for many chunks. */
    private final Gate roomMade = new Gate();
    private final Pace pace = new Pace();

    /** {@link #usual}, or {@link #HELD}. */
    private volatile long room;
    /** Not an int: whoever keeps trying a stopped receiver raises it, and its wrap to zero would give the right twice. */
    private volatile long flushRequests;
    /** Less than a page is written only when somebody asked for it. */
    private volatile boolean tailWanted;
    /** Set before it has a place in this stream, until it is published in it. What is claimed behind it ends it. */
    private volatile SharedPage sharedPage;

    /** Used by the reader thread only; see {@link Deferred}. */
    boolean isDeferred;
    /** Used by the reader thread only: how often it has tried in vain since the pipe took something, and what was written then. */
    private int tries;
    private long flushedAtLastTry;
    /** Set and cleared with the right to flush, which is the writer thread's while it is set. */
    volatile boolean awaitingRoom;

    Outbox(Entry receiver, Fd fd, int pid, int slot, long limit, PagePool pool, PageWrites pageWrites,
            PageSplices pageSplices, DropRule dropRule, Counts counters, Writer writer, CallState calls) {
        super(pool, limit);
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
        this.outflow = new Outflow(this, fd, calls, pool, pageWrites, pageSplices, pace, counters, writer);
        this.patience = new Patience(this, outflow);
        this.writer = writer;
        this.deferred = writer.deferred();
    }

    // ---------------------------------------------------------------- sending, any thread

    /**
     * Whether who sends now need not look at the roster first: in a burst, but for what begins a page, and as long as nobody
     * waits for room in the pipe. So he looks once a page, and each time where alerts come slowly or a receiver stands still.
     */
    boolean isAmidBurst() {
        return pace.isBurst() && !awaitingRoom && (tail() & Packet.PAGE - 1) != 0;
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
        long position = tail();
        long length = name.length + data.byteSize();
        int bytes = Layout.wholeBytes(position, length);
        Chunk chunk = chunkToFill(position);
        if (chunk == null || !Layout.fitsPage(position, length) || !claimWhole(position, bytes)) {
            return false;
        }
        int alerts = 0;
        try {
            Encoder.packet(chunk.address + Chunk.offset(position), bytes, pid, slot, flags, name, data);
            alerts = 1;
        } finally {
            publishWhole(chunk, position, bytes, alerts);
        }
        return true;
    }

    /** The same for data of an array: a segment of it would be an object. */
    boolean offerNow(byte[] name, byte[] data) {
        long position = tail();
        long length = (long) name.length + data.length;
        int bytes = Layout.wholeBytes(position, length);
        Chunk chunk = chunkToFill(position);
        if (chunk == null || !Layout.fitsPage(position, length) || !claimWhole(position, bytes)) {
            return false;
        }
        int alerts = 0;
        try {
            Encoder.packet(chunk.address + Chunk.offset(position), bytes, pid, slot, name, data);
            alerts = 1;
        } finally {
            publishWhole(chunk, position, bytes, alerts);
        }
        return true;
    }

    /** Claims room for an alert of one packet. */
    private boolean claimWhole(long position, int bytes) {
        long end = position + bytes;
        if (end - flushed() > room) {
            return false;
        }
        boolean claimed = claimAttached(position, end);
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
        if (pace.isBurst() && !isGroupThread()) {
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

    /**
     * {@link #offer} for a sender who may wait, after {@link Patience#keepPace}: when he finds the pipe full he waits a moment
     * for it himself, and writes on.
     *
     * @param nanos how long he may wait at most
     */
    Offer offerPatiently(byte[] name, MemorySegment data, long nanos) {
        try {
            patience.begin(nanos);
            return offer(0, name, data);
        } finally {
            patience.end();
        }
    }

    Patience patience() {
        return patience;
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
        outflow.lend(start, new Lent(end, new PagedAlert(pid, slot, name, data), staging, done));
        padTo(start, position);
        // The first page last: as soon as it is ready the writer thread may write all of it and give the chunks back.
        for (long page = end - Packet.PAGE; page >= start; page -= Packet.PAGE) {
            chunk(page).publish(Chunk.pageOf(page), Packet.PAGE, 0);
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
                long position = tail();
                return position < 0 || Layout.end(position, nameLength, dataLength) - flushed() <= limit;
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
        return moved.await(() -> flushed() >= target, end - System.nanoTime());
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

    boolean drained() {
        // In this order: what is fed has been claimed before it is no longer seen in the overflow.
        return (overflow == null || overflow.isEmpty()) && streamDrained();
    }

    private boolean fits(int nameLength, long dataLength) {
        // Even an empty outbox may have to pad a page first.
        return Layout.end(0, nameLength, dataLength) + Packet.PAGE <= Math.min(limit, pool.limit());
    }

    /** Waits until the pool has what an alert of this length needs, or the outbox is closed; false when time is over. */
    boolean awaitPool(int nameLength, long dataLength, long nanos) throws InterruptedException {
        return pool.await(() -> {
            long position = tail();
            return position < 0 || pool.available() >= missing(position, Layout.end(position, nameLength, dataLength));
        }, nanos);
    }

    /** A position that is now this thread's to write, or a {@link #refusal}. */
    private long claim(int nameLength, long dataLength) {
        return claim(nameLength, dataLength, room);
    }

    /** @param bound how many bytes may be in the stream then */
    private long claim(int nameLength, long dataLength, long bound) {
        for (;;) {
            long position = tail();
            if (position < 0) {
                return refusal(Offer.CLOSED);
            }
            long end = switch (nameLength) {
                case LENT -> lentEnd(position);
                case SHARED -> pageStart(position) + Packet.PAGE;
                default -> Layout.end(position, nameLength, dataLength);
            };
            // What is longer than the usual gets into a stream that is empty; HELD is not the usual.
            long most = bound == usual && position == flushed() ? limit : bound;
            if (end - flushed() > most) {
                return refusal(
                        nameLength < 0 || fits(nameLength, dataLength) ? Offer.OUTBOX_FULL : Offer.TOO_LARGE);
            }
            switch (claimRange(position, end)) {
                case DONE -> {
                    return position;
                }
                case POOL_EMPTY -> {
                    // With one that is too large nobody could give back enough.
                    return refusal(
                            nameLength < 0 || fits(nameLength, dataLength) ? Offer.POOL_EMPTY : Offer.TOO_LARGE);
                }
                case LATE -> {
                }
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

    @Override
    public void written(long position, int bytes, int alerts) {
        written(chunk(position), position, bytes, alerts);
    }

    private void written(Chunk chunk, long position, int bytes, int alerts) {
        chunk.publish(Chunk.pageOf(position), bytes, alerts);
        if ((position + bytes & Chunk.BYTES - 1) == 0) {
            // Enough for a system call, and still in the processor's cache: also in the middle of a long alert.
            requestPages(deferred.defers(this) ? Flusher.READER : Flusher.SENDER);
            pace.wrote(deferred.batches());
        }
    }

    // ---------------------------------------------------------------- for broadcasts that share a page

    /** Whether a page may be claimed in it ahead of what will be in it: in a burst only, in which somebody looks after it. */
    boolean mayShare() {
        long position = tail();
        return position >= 0 && overflow == null && pace.isBurst() && position + 2 * Packet.PAGE - flushed() <= room;
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
        chunk(position).publish(Chunk.pageOf(position), Packet.PAGE, alerts);
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
        patience.closed();
        pool.changed();
    }

    /** Takes nothing more, and counts what is inside as lost. Then the pipe is closed. */
    void discard() {
        outflow.giveUp();
        closeClaims();
        requestFlush();
        // Who waits for room in the pipe must not wait on.
        writer.kick(this);
        moved.changed();
        roomMade.changed();
        patience.closed();
        pool.changed();
    }

    boolean isDiscarding() {
        return outflow.hasGivenUp();
    }

    // ---------------------------------------------------------------- flushing, with the right to it

    /** What a handler sends is flushed at the end of its batch; what comes in a burst, by the page. */
    private void flushSoon(long position, long end) {
        if (!isFlushedByRole() && !pace.leaves(position, end)) {
            flushWhenDue(position, end);
        }
    }

    @Override
    boolean isGroupThread() {
        return writer.isCurrentThread() || deferred.isReader();
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
        switch (pace.next(end - position, end - flushed(), writer.writeInterval(), deferred.batches(),
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

    @Override
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
        requestPages(Flusher.SENDER);
    }

    /** The pipe is full only if nobody waits for it. Null if somebody else is at it, who will see to it. */
    private Flush requestPages(Flusher flusher) {
        return (long) FLUSH_REQUESTS.getAndAdd(this, 1L) == 0 ? flush(flusher) : null;
    }

    /**
     * By the reader thread, which has deferred what its handlers sent: writes it. If the pipe is full nobody is told: it
     * comes again, or asks for a flush as others do.
     *
     * @return false if it has to come again
     */
    boolean flushDeferred() {
        sealSharedPage();
        tailWanted = true;
        if (requestPages(Flusher.READER) != Flush.PIPE_FULL) {
            tries = 0;
            return true;
        }
        if (flushed() != flushedAtLastTry) {
            flushedAtLastTry = flushed();
            tries = 0;
        }
        if (++tries < MOST_TRIES) {
            return false;
        }
        tries = 0;
        requestFlush();
        return true;
    }

    /** Whether its pipe is full, and somebody has the right to flush who waits for room in it. */
    boolean isPipeAwaited() {
        return awaitingRoom || patience.isPolling();
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
        if (isPipeAwaited()) {
            // The right to flush is taken: there is nothing to do before the pipe has room. Nor can it be said whether the
            // burst is over: who sends may be waiting too.
            tailWanted = true;
            pace.forget();
            return true;
        }
        if (isSharing()) {
            // What has come is counted when the page is complete, which whoever goes on brings about, or the next look.
            if (!pace.wroteWithin(Pace.justNow(writer.writeInterval()))) {
                // What lies before it: who had only to seal an earlier page has left it.
                requestPages();
            }
            return true;
        }
        boolean goesOn = pace.look(claimed(), writer.lookInterval(), alertsOfAll,
                roomMade.isAwaited() || patience.hasWaiters());
        if (!goesOn || !drained() && !writtenBySenders) {
            writeTail();
        }
        return goesOn || !drained();
    }

    /** By the writer thread, before {@link #flushTail}: whether senders go on and write by themselves. */
    boolean isWrittenBySenders() {
        return !isSharing() && pace.alertsSinceLook() != 0 && pace.wroteWithin(writer.unseen());
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
        return flush(Flusher.WRITER);
    }

    private Flush flush(Flusher flusher) {
        boolean asWriter = flusher == Flusher.WRITER;
        long stop = outflow.head() + (asWriter ? Outflow.WRITER_BUDGET : CALLER_BUDGET);
        // The reader thread gives back its own request only, not what somebody else relies on.
        boolean givesBack = flusher == Flusher.READER;
        long seen = givesBack ? 1 : flushRequests;
        for (;;) {
            long before = tail();
            Flush outcome = tryWriteReady(stop, asWriter);
            if (outcome == Flush.PIPE_FULL && patience.awaitPipe()) {
                continue;
            }
            if (outcome == Flush.PIPE_FULL && givesBack) {
                seen = (long) FLUSH_REQUESTS.getAndAdd(this, -seen) - seen;
                if (seen == 0) {
                    return Flush.PIPE_FULL;
                }
                // Somebody else has asked meanwhile, or the overflow was fed. Not again and again: he may go on asking.
            }
            if (outcome != Flush.DRAINED) {
                if (asWriter) {
                    return outcome;
                }
                writer.handOver(this, outcome);
                return Flush.WRITER_ONLY;
            }
            if (awaitingRoom) {
                writer.disarm(this);
            }
            if (isClosed() && drained()) {
                if (before >= 0) {
                    // In between: its last chunk may not have been given back.
                    continue;
                }
                fd.close();
            }
            seen = (long) FLUSH_REQUESTS.getAndAdd(this, -seen) - seen;
            if (seen == 0) {
                return Flush.DRAINED;
            }
            givesBack = false;
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
            if (outflow.hasGivenUp()) {
                throw e;
            }
            LOG.log(System.Logger.Level.ERROR, "writing to worker " + receiver.pid() + " failed: what waits is lost",
                    e);
            outflow.giveUp();
            closeClaims();
            return writeReady(stop, asWriter);
        }
    }

    private Flush writeReady(long stop, boolean asWriter) {
        Flush outcome = writeAsked(stop, asWriter);
        if (overflow != null) {
            if (outflow.hasGivenUp()) {
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
            outcome = outflow.write(stop, asWriter, tail);
        } finally {
            if (asked && outcome != Flush.DRAINED) {
                tailWanted = true;
            }
        }
        return outcome;
    }

    /** With the right to flush: everything before this has left, and its memory is free. */
    void flushedTo(long position) {
        setFlushed(position);
        moved.changed();
        long left = claimed() - position;
        if (left <= limit / 2) {
            roomMade.changed();
        }
        patience.remaining(left);
    }
}
