package io.workerpipe.loop;

import io.workerpipe.wire.Packet;
import io.workerpipe.wire.Pages;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * A stream of pages in wire format, addressed by a 64-bit position, in chunks that a pool lends. Any thread claims and
 * publishes; one at a time, who has the right to flush, takes from its beginning what is published, and gives the chunks
 * back.
 *
 * <p><b>Claim.</b> A sender reads {@code tail}, sees to it that the chunks it will need are there, and moves
 * {@code tail} by CAS. What it claimed is its own to write.
 *
 * <p><b>Publish.</b> It writes its packets and adds their bytes to their page's count ({@link Chunk}). A page is ready when
 * the count says 4,096; the last, partial page is ready when the count is all that has been claimed in it. The count is
 * read before {@code tail}: at the moment {@code tail} is read no less is claimed than was published, so equal means that
 * nobody is in between.
 */
abstract class PageStream implements Pages {
    /** How a claim ended. */
    enum Claim {
        DONE, LATE, POOL_EMPTY
    }

    /** The sign of {@code tail}: no claim can succeed any more. */
    private static final long CLOSED = Long.MIN_VALUE;

    /** Chunks of a pool: at most 2^20, 64 GiB. Index 0 stands for no chunk. */
    private static final int INDEX_BITS = 20;

    /** Of a chunk's number, in the name of a part: 2^40 chunks are 64 PiB. */
    private static final int NUMBER_BITS = 40;

    private static final VarHandle TAIL;
    static {
        try {
            TAIL = MethodHandles.lookup().findVarHandle(PageStream.class, "tail", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final PagePool pool;
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
    /** Whether the chunk that left last went by reference. Written with the right to flush; a guess for others. */
    private boolean byReference;

    /**
     * The end of what has been claimed, and {@link #CLOSED}. Chunks are numbered from 1: a place word of 0 is an empty
     * place.
     */
    private volatile long tail = Chunk.BYTES;
    /** The end of what has left; its memory may hold something else. */
    private volatile long flushed = Chunk.BYTES;

    /** @param limit bytes that may be claimed and not yet flushed */
    PageStream(PagePool pool, long limit) {
        this.pool = pool;
        this.firstPart = (long) pool.newStream() << NUMBER_BITS;
        // The window of claimed positions can begin and end in the middle of a chunk, and a claim attaches ahead.
        int window = Math.toIntExact(limit / Chunk.BYTES) + 3;
        this.chunks = new AtomicLongArray(Integer.highestOneBit(window) << 1);
    }

    // ---------------------------------------------------------------- what a stream belongs to says

    /** Whether the caller is a thread of the group's own, so that others see to it that what it publishes is written. */
    abstract boolean isGroupThread();

    /** Has all of it written, by this thread or whoever is at it. Any thread. */
    abstract void requestFlush();

    // ---------------------------------------------------------------- positions, any thread

    /** What may be claimed next; negative if the stream is closed. */
    final long tail() {
        return tail;
    }

    /** The end of what has been claimed. */
    final long claimed() {
        return tail & ~CLOSED;
    }

    /** The end of what has left. */
    final long flushed() {
        return flushed;
    }

    /** Bytes claimed and not yet written. */
    final long queuedInStream() {
        long written = flushed;
        return Math.max(0, claimed() - written);
    }

    final boolean streamDrained() {
        return flushed == claimed();
    }

    final boolean isClosed() {
        return tail < 0;
    }

    final void closeClaims() {
        long seen;
        do {
            seen = tail;
        } while (!TAIL.compareAndSet(this, seen, seen | CLOSED));
    }

    /** Where the next page begins, if not here. */
    static long pageStart(long position) {
        return position + Packet.PAGE - 1 & -Packet.PAGE;
    }

    // ---------------------------------------------------------------- claims, any thread

    /**
     * The chunk of a position that may be claimed next, or null if none is attached or the stream is closed.
     *
     * <p>What a chunk says of itself may be over by now, and it may be in another stream. But a chunk leaves its part only
     * when {@code tail} is past that, and {@code tail} never comes back: whoever then gets the position has the right chunk.
     */
    final Chunk chunkToFill(long position) {
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

    /** Moves {@code tail} within a chunk that is there; false when another thread was faster. */
    final boolean claimAttached(long position, long end) {
        return TAIL.compareAndSet(this, position, end);
    }

    /** Moves {@code tail} over a range, and has the chunks for it. */
    final Claim claimRange(long position, long end) {
        if (end - position > Chunk.BYTES && pool.available() < missing(position, end)) {
            return Claim.POOL_EMPTY;
        }
        boolean attached = false;
        Claim outcome = Claim.DONE;
        for (long at = position & -Chunk.BYTES; at < end && outcome == Claim.DONE; at += Chunk.BYTES) {
            if (!isAttached(at)) {
                outcome = attach(at, position);
                attached |= outcome == Claim.DONE;
            }
        }
        if (outcome == Claim.DONE && claimAttached(position, end)) {
            return Claim.DONE;
        }
        if (attached) {
            strays.incrementAndGet();
            if (outcome == Claim.POOL_EMPTY || isClosed()) {
                // Nobody else may come to collect them.
                requestFlush();
            }
        }
        return outcome == Claim.POOL_EMPTY && tail == position ? Claim.POOL_EMPTY : Claim.LATE;
    }

    /** Attaches a chunk for a part of the stream. */
    private Claim attach(long at, long position) {
        int place = place(at);
        long number = at >>> Chunk.BITS;
        for (;;) {
            long seen = chunks.get(place);
            if (seen != 0 && number(seen) == number) {
                return Claim.DONE;
            }
            if (at < position || seen != 0 && number(seen) > number) {
                // The chunk in whose middle tail stood is gone, or another one has its place: tail has moved on.
                return Claim.LATE;
            }
            Chunk fresh = byReference ? pool.takeRested() : pool.take();
            if (fresh == null) {
                return Claim.POOL_EMPTY;
            }
            fresh.ownedBy(Thread.currentThread(), !isGroupThread());
            if (chunks.compareAndSet(place, seen, number << INDEX_BITS | fresh.index + 1)) {
                if (seen != 0) {
                    // A stray of a round before: everything up to there was flushed, or there were no room here.
                    pool.give(pool.chunk(index(seen)));
                }
                // Not before: senders may remember a chunk of an earlier life, and this one could have come too late.
                fresh.attachedAs(part(at));
                return Claim.DONE;
            }
            pool.give(fresh);
        }
    }

    /** Chunks of a range that are not attached. */
    final int missing(long position, long end) {
        int missing = 0;
        for (long at = position & -Chunk.BYTES; at < end; at += Chunk.BYTES) {
            missing += isAttached(at) ? 0 : 1;
        }
        return missing;
    }

    // ---------------------------------------------------------------- chunks

    private static long number(long place) {
        return place >>> INDEX_BITS;
    }

    private static int index(long place) {
        return (int) place & (1 << INDEX_BITS) - 1;
    }

    private int place(long position) {
        return (int) (position >>> Chunk.BITS) & chunks.length() - 1;
    }

    final boolean isAttached(long position) {
        return number(chunks.get(place(position))) == position >>> Chunk.BITS;
    }

    /** The chunk of a position that is claimed and not yet flushed. */
    final Chunk chunk(long position) {
        int index = index(chunks.get(place(position)));
        Chunk chunk = recent;
        if (chunk.index + 1 != index) {
            chunk = pool.chunk(index);
            recent = chunk;
        }
        return chunk;
    }

    @Override
    public final long address(long position) {
        return chunk(position).address + Chunk.offset(position);
    }

    // ---------------------------------------------------------------- with the right to flush

    /** Everything before this has left, and its memory is free. */
    final void setFlushed(long position) {
        flushed = position;
    }

    /** Takes a chunk out of the stream that has left it; before {@link #setFlushed}, by which its place is free. */
    final Chunk detach(long position) {
        Chunk chunk = pool.chunk(index(chunks.getAndSet(place(position), 0)));
        byReference = chunk.splicedAt != 0;
        return chunk;
    }

    /** Claims what nobody will write, unless somebody has claimed from there on. */
    final boolean skip(long at, long end) {
        long closed = tail & CLOSED;
        return TAIL.compareAndSet(this, at | closed, end | closed);
    }

    /**
     * Gives back chunks attached for a part of the stream that had been flushed already, or ahead of it by a claim that
     * failed. The stream goes on behind them, so that no claim that is under way can be for one of them.
     *
     * @param at the end of all that has been flushed
     * @return where the stream goes on
     */
    final long giveBackStrays(long at) {
        if (strays.get() == 0) {
            return at;
        }
        strays.set(0);
        long last = 0;
        for (int place = 0; place < chunks.length(); place++) {
            last = Math.max(last, number(chunks.get(place)));
        }
        long end = Math.max(at, last + 1 << Chunk.BITS);
        if ((at & Chunk.BYTES - 1) != 0 || !skip(at, end)) {
            // Somebody sends: it is looked at again when he has flushed.
            strays.incrementAndGet();
            return at;
        }
        for (int place = 0; place < chunks.length(); place++) {
            long seen = chunks.get(place);
            if (seen != 0 && number(seen) < end >>> Chunk.BITS && chunks.compareAndSet(place, seen, 0)) {
                pool.give(pool.chunk(index(seen)));
            }
        }
        return end;
    }
}
