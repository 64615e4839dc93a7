package io.workerpipe.loop;

import io.workerpipe.roster.Entry;
import io.workerpipe.wire.Packet;
import io.workerpipe.wire.PagedAlert;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.CompletableFuture;

/**
 * An alert whose data stays in the caller's memory: encoded piece by piece into a staging chunk, and written from there.
 * Used by the writer thread only.
 *
 * <p>The copy makes it safe: reading a segment whose arena was closed throws, while a system call would read memory that
 * is somebody else's by now.
 */
final class Lent {
    /** Where the stream goes on after this alert. */
    final long end;
    final MemorySegment staging;
    private final PagedAlert alert;
    private final CompletableFuture<Void> done;
    private int from;
    private int to;
    private boolean started;
    private boolean over;
    private boolean abandoned;
    private Throwable failure;

    Lent(long end, PagedAlert alert, MemorySegment staging, CompletableFuture<Void> done) {
        this.end = end;
        this.alert = alert;
        this.staging = staging;
        this.done = done;
    }

    /** Length of the next write: whole pages, or the last part of one; it starts at {@link #offset}. */
    int next() {
        if (from == to) {
            from = 0;
            to = encode();
        }
        int length = to - from;
        return length < Packet.PAGE ? length : length & -Packet.PAGE;
    }

    private int encode() {
        if (failure == null) {
            try {
                return alert.fill(staging.address(), Chunk.PAGES);
            } catch (RuntimeException | InternalError e) {
                // IllegalStateException: the arena was closed. InternalError: a mapped file was cut.
                failure = e;
            }
        }
        return alert.abort(staging.address());
    }

    long offset() {
        return from;
    }

    void wrote(int bytes) {
        started = true;
        from += bytes;
        over = from == to && (failure != null || alert.done());
    }

    /** The receiver is gone: nothing more will be written. */
    void abandon() {
        abandoned = true;
        over = true;
    }

    boolean isOver() {
        return over;
    }

    boolean isDelivered() {
        return over && !abandoned && failure == null;
    }

    /** Tells the caller that the memory may be reused, and what became of the alert. */
    void complete(Entry receiver) {
        if (isDelivered()) {
            done.complete(null);
        } else if (failure != null) {
            done.completeExceptionally(failure);
        } else {
            done.completeExceptionally(new LostWithReceiver(receiver, started));
        }
    }
}
