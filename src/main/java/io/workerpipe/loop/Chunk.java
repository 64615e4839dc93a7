package io.workerpipe.loop;

import io.workerpipe.wire.Packet;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;

/**
 * Sixteen pages of an outbox, and for each the count of what has been published in it.
 *
 * <p>Any number of threads write to places of their own and publish; whoever holds the right to flush reads. The thread
 * that attached the chunk, as a rule the one that sends most, counts by itself: without an atomic addition, which would
 * be a good part of what a small alert costs.
 */
final class Chunk {
    static final int BITS = 16;
    static final int BYTES = 1 << BITS;
    static final int PAGES = BYTES / Packet.PAGE;

    private static final VarHandle PUBLISHED = MethodHandles.arrayElementVarHandle(long[].class);
    private static final VarHandle PART;
    static {
        try {
            PART = MethodHandles.lookup().findVarHandle(Chunk.class, "part", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    /** {@link #part} of a chunk that is none. */
    static final long NOBODYS = 0;

    /** Of no pool. */
    static final Chunk NONE = new Chunk(-2, MemorySegment.NULL);

    final int index;
    final MemorySegment memory;
    final long address;
    /** For each page: alerts that end in it (high 32 bits), bytes complete in it (low 32 bits). */
    private final long[] published = new long[PAGES];
    /** The same, of the owner's alone. */
    private final long[] publishedByOwner = new long[PAGES];
    /** See {@link SplicedChunks}; 0 for a chunk that no pipe holds. */
    long splicedAt;
    /** Set before the chunk is attached. */
    private Thread owner;
    private boolean ownerFlushes;
    /** Which part of which stream it is or was once, of all that the pool has or had; mostly {@link #NOBODYS} if given back. */
    private long part = NOBODYS;

    Chunk(int index, MemorySegment memory) {
        this.index = index;
        this.memory = memory;
        this.address = memory.address();
    }

    /**
     * Before it is attached.
     *
     * @param flushes whether this thread, sending, has to see to it that what it sends is written
     */
    void ownedBy(Thread thread, boolean flushes) {
        owner = thread;
        ownerFlushes = flushes;
    }

    /** After it was attached as this part of a stream. It may be too late: then it says so of a part that is over. */
    void attachedAs(long name) {
        PART.setRelease(this, name);
    }

    /** Any thread, about any chunk. Who claims in the part after this has what its owner wrote before it was attached. */
    boolean isPart(long name) {
        return (long) PART.getAcquire(this) == name;
    }

    /** Whether this thread owns it and, sending, flushes by its own {@link Pace}. */
    boolean isOwnedByFlushing() {
        return Thread.currentThread() == owner && ownerFlushes;
    }

    void publish(int page, int bytes, int alerts) {
        long amount = (long) alerts << 32 | bytes;
        if (Thread.currentThread() == owner) {
            PUBLISHED.setRelease(publishedByOwner, page, publishedByOwner[page] + amount);
        } else {
            PUBLISHED.getAndAdd(published, page, amount);
        }
    }

    /**
     * What is published in a page: split it by {@link #bytes} and {@link #alerts}. The two counts are not read at one
     * moment, but they only grow: no more is said than was there.
     */
    long published(int page) {
        return (long) PUBLISHED.getAcquire(publishedByOwner, page) + (long) PUBLISHED.getAcquire(published, page);
    }

    static int bytes(long published) {
        return (int) published;
    }

    static int alerts(long published) {
        return (int) (published >>> 32);
    }

    /** Which page of its chunk a position is in. */
    static int pageOf(long position) {
        return (int) position >>> 12 & PAGES - 1;
    }

    /** Where in its chunk a position is. */
    static long offset(long position) {
        return position & BYTES - 1;
    }

    /** Before it goes back to the pool; nobody writes to it any more. */
    void reset() {
        Arrays.fill(published, 0);
        Arrays.fill(publishedByOwner, 0);
        PART.setRelease(this, NOBODYS);
        owner = null;
    }
}
