package io.workerpipe.loop;

import io.workerpipe.wire.Packet;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;

/**
 * How fast broadcasts follow each other. To each outbox on its own they come slowly, for between two of its alerts lie
 * those to all others: a write to each would be most of the work. Where they come fast they share pages, in which each is
 * encoded once, see {@link SharedPage}. Any thread; what threads overwrite of each other is a guess that was good enough.
 */
final class Broadcasts {
    /** With fewer broadcasts in it a page costs more than it saves... */
    private static final int LEAST_ALERTS = 16;
    /** ...and with fewer bytes too much room. */
    private static final int LEAST_BYTES = Packet.PAGE / 4;
    /** Name and data: what is longer is copied to each, there is little else to be done with it. */
    private static final int MOST_SHARED = Packet.PAGE / LEAST_ALERTS - Packet.HEADER;
    /** To one receiver it is only more work. */
    private static final int LEAST_RECEIVERS = 2;
    /** After so many broadcasts another page is tried, however little the last tries brought. */
    private static final int MOST_PATIENCE = 1023;

    private volatile boolean fast;
    private long lastEnd = System.nanoTime() - Pace.SILENT_BURST_NANOS;
    /** What {@link Deferred#batches} was then. */
    private int batchesAtLastEnd;

    /** Null if none is open. Set by one thread at a time, for an outbox knows one. */
    private final AtomicReference<SharedPage> page = new AtomicReference<>();
    private final AtomicBoolean opening = new AtomicBoolean();
    /** Fast broadcasts until a page is tried. */
    private int left;
    /** How many there were to be before that, if the last try brought nothing. */
    private int patience;

    /**
     * Puts an alert into the page that all receivers share, if broadcasts come fast.
     *
     * @param but     the slot of who does not get it
     * @param batches how often this process has read its inbox
     * @return to how many receivers it goes; 0 if it has to be sent to each on its own, and then {@link #end} called
     */
    int share(Directory directory, int but, byte[] name, MemorySegment data, int batches) {
        SharedPage seen = page.get();
        // A mapped file may be read slowly, and all receivers would wait for it.
        boolean small = name.length + data.byteSize() <= MOST_SHARED && !data.isMapped();
        if (seen != null && small && seen.isFor(directory, but) && seen.offer(name, data)) {
            return seen.receivers();
        }
        if (seen != null) {
            close(seen);
        }
        begin(batches);
        if (!fast || !small) {
            return 0;
        }
        if (left > 0) {
            left--;
            return 0;
        }
        fast = false;
        SharedPage fresh = open(directory, but);
        if (fresh != null && fresh.offer(name, data)) {
            return fresh.receivers();
        }
        fast = true;
        return 0;
    }

    /** Before what goes to each outbox on its own. */
    void begin(int batches) {
        boolean soon = System.nanoTime() - lastEnd < Pace.soon(batches == batchesAtLastEnd);
        if (soon != fast) {
            fast = soon;
        }
    }

    /** After it. */
    void end(int batches) {
        batchesAtLastEnd = batches;
        lastEnd = System.nanoTime();
        if (fast) {
            fast = false;
        }
    }

    /** Whether what is sent now belongs to a broadcast that followed another one so soon that a burst has begun. */
    boolean areFast() {
        return fast;
    }

    /** What comes next goes into another page, if into any. */
    private void close(SharedPage seen) {
        seen.seal(true);
        if (!page.compareAndSet(seen, null)) {
            return;
        }
        int alerts = seen.alerts();
        if (alerts >= LEAST_ALERTS && seen.bytes() >= LEAST_BYTES) {
            patience = 0;
            left = 0;
        } else {
            tryLater();
        }
        long now = System.nanoTime();
        if (now - seen.openedAt < alerts * Pace.SILENT_BURST_NANOS) {
            lastEnd = now;
        }
    }

    private void tryLater() {
        patience = Math.min(MOST_PATIENCE, 2 * patience + 1);
        left = patience;
    }

    /** The page that is open now, or null if there can be none. */
    private SharedPage open(Directory directory, int but) {
        if (opening.getAndSet(true)) {
            return null;
        }
        try {
            SharedPage known = page.get();
            if (known != null) {
                return known.isFor(directory, but) ? known : null;
            }
            List<Outbox> outboxes = outboxes(directory, but);
            if (outboxes == null) {
                tryLater();
                return null;
            }
            // The caller has looked at the roster: not between the claims.
            CutFile.settle();
            SharedPage fresh = SharedPage.open(directory, but, outboxes);
            page.set(fresh);
            return fresh;
        } finally {
            opening.set(false);
        }
    }

    /** Null if the alert must go to one of them on its own. */
    private static List<Outbox> outboxes(Directory directory, int but) {
        List<Outbox> outboxes = new ArrayList<>(directory.live().size());
        for (Peer peer : directory.live()) {
            if (peer.entry.slot() == but) {
                continue;
            }
            Outbox outbox = peer.outbox;
            if (outbox == null || !outbox.mayShare()) {
                return null;
            }
            outboxes.add(outbox);
        }
        return outboxes.size() < LEAST_RECEIVERS ? null : outboxes;
    }

    /** By the writer thread, in bursts: what was broadcast does not wait for what may come for longer than this. */
    void look(long nanos) {
        SharedPage seen = page.get();
        if (seen != null && System.nanoTime() - seen.openedAt >= nanos) {
            seen.seal(true);
        }
    }
}
