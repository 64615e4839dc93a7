package io.workerpipe.loop;

import io.workerpipe.wire.Layout;
import io.workerpipe.wire.Packet;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.List;

/**
 * A page of broadcasts, encoded once: it has been claimed in the outboxes of all who get them, is filled in the first of
 * these, and copied to the others when it is complete. Any thread.
 *
 * <p><b>Order.</b> What is claimed in an outbox behind the page must not be overtaken by a broadcast that comes later.
 * So an outbox knows of the page before the page is claimed in it, and who claims behind it looks, after his claim, and
 * seals the page: it takes nothing more, and the rest of it is padding.
 *
 * <p><b>Completion.</b> What is missing is counted down: bytes to be written or padded, and one for whoever opens the
 * page. Who takes the count to zero publishes the page in all outboxes. No thread waits for another one; but all outboxes
 * wait for who is the last to write.
 */
final class SharedPage {
    private static final VarHandle TAIL;
    private static final VarHandle MISSING;
    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            TAIL = lookup.findVarHandle(SharedPage.class, "tail", int.class);
            MISSING = lookup.findVarHandle(SharedPage.class, "missing", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final Directory directory;
    private final int but;
    final long openedAt = System.nanoTime();
    private final List<Outbox> outboxes;
    private final long[] positions;
    /** In how many of the outboxes it has been claimed. */
    private int claimed;
    /** Of the page in the first outbox. */
    private long address;
    /** The end of what has been claimed in this page; its complement once it is sealed. */
    private volatile int tail;
    /** Low 32 bits: see above. High: alerts that are complete. */
    private volatile long missing = Packet.PAGE + 1;

    private SharedPage(Directory directory, int but, List<Outbox> outboxes) {
        this.directory = directory;
        this.but = but;
        this.outboxes = outboxes;
        this.positions = new long[outboxes.size()];
    }

    /**
     * Claims a page in all of these outboxes. Where one has no room the page is sealed, and takes nothing.
     *
     * @param but the slot of who does not get what will be in it
     */
    static SharedPage open(Directory directory, int but, List<Outbox> outboxes) {
        SharedPage page = new SharedPage(directory, but, outboxes);
        boolean complete = false;
        try {
            complete = page.claimAll();
        } finally {
            if (!complete) {
                page.seal(false);
            }
            page.found(1, 0, false);
        }
        return page;
    }

    private boolean claimAll() {
        for (Outbox outbox : outboxes) {
            long position = outbox.claimPage(this);
            if (position < 0) {
                return false;
            }
            // First of all: what was claimed is published, whatever fails from here on.
            positions[claimed] = Outbox.pageStart(position);
            if (claimed++ == 0) {
                address = outbox.address(positions[0]);
            }
            outbox.beginPage(position);
        }
        return true;
    }

    /**
     * Encodes an alert into it; not before it has been opened.
     *
     * @return whether there was room; if not, there is none for anything as long
     */
    boolean offer(byte[] name, MemorySegment data) {
        for (;;) {
            int at = tail;
            if (!takes(at) || !Layout.fitsPage(at, name.length + data.byteSize())) {
                return false;
            }
            int end = (int) Layout.end(at, name.length, data.byteSize());
            if (TAIL.compareAndSet(this, at, end)) {
                encode(at, end - at, name, data);
                return true;
            }
        }
    }

    private void encode(int at, int bytes, byte[] name, MemorySegment data) {
        int alerts = 0;
        try {
            outboxes.getFirst().encodeShared(address + at, bytes, name, data);
            alerts = 1;
        } finally {
            found(bytes, alerts, true);
        }
    }

    /**
     * It takes nothing more, and is published as soon as what was claimed in it has been written.
     *
     * @param flush whether what is due then is written by this thread, and not left to the writer thread
     */
    void seal(boolean flush) {
        for (;;) {
            int at = tail;
            if (!takes(at)) {
                return;
            }
            // The caller may have looked at the roster: not between this and publishing.
            CutFile.settle();
            if (TAIL.compareAndSet(this, at, ~at)) {
                found(Packet.PAGE - at, 0, flush);
                return;
            }
        }
    }

    private static boolean takes(int tail) {
        return tail >= 0 && tail < Packet.PAGE;
    }

    /** Whether it goes to the live workers of this directory but for one. */
    boolean isFor(Directory group, int butSlot) {
        return directory == group && but == butSlot;
    }

    /** Alerts that are complete in it. */
    int alerts() {
        return (int) (missing >>> 32);
    }

    /** How many bytes have been claimed in it. */
    int bytes() {
        int at = tail;
        return at < 0 ? ~at : at;
    }

    /** How many receivers get what is in it. */
    int receivers() {
        return positions.length;
    }

    private void found(int bytes, int alerts, boolean flush) {
        long before = (long) MISSING.getAndAdd(this, ((long) alerts << 32) - bytes);
        if ((int) before == bytes) {
            publish(flush);
        }
    }

    private void publish(boolean flush) {
        CutFile.settle();
        int bytes = bytes();
        if (bytes < Packet.PAGE && claimed > 0) {
            outboxes.getFirst().padShared(address + bytes, Packet.PAGE - bytes);
        }
        int alerts = alerts();
        // The first one last: from there the others are copied.
        for (int i = claimed - 1; i >= 0; i--) {
            outboxes.get(i).publishPage(this, positions[i], address, alerts);
        }
        for (int i = 0; flush && i < claimed; i++) {
            outboxes.get(i).flushPage(positions[i]);
        }
    }
}
