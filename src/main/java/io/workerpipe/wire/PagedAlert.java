package io.workerpipe.wire;

import java.lang.foreign.MemorySegment;

/** An alert that is encoded piece by piece, from the beginning of a page. Not for several threads. */
public final class PagedAlert {
    private final int pid;
    private final int slot;
    private final byte[] name;
    private final MemorySegment data;
    private final long total;
    private long from;
    private boolean done;

    public PagedAlert(int pid, int slot, byte[] name, MemorySegment data) {
        this.pid = pid;
        this.slot = slot;
        this.name = name;
        this.data = data;
        this.total = Parts.total(name, data);
    }

    /** Bytes on the wire. */
    public long wireLength() {
        return Layout.end(0, 0, total);
    }

    /**
     * Encodes what comes next.
     *
     * @return bytes: whole pages, but for what ends the alert
     */
    public int fill(long address, int maxPages) {
        long at = address;
        for (int page = 0; page < maxPages && !done; page++) {
            int body = (int) Math.min(Packet.MAX_BODY, total - from);
            int bytes = (int) Layout.skipped(Packet.HEADER + body);
            Parts.write(at, pid, slot, 0, name, data, from, body, bytes - Packet.HEADER - body);
            from += body;
            at += bytes;
            done = from == total;
        }
        return (int) (at - address);
    }

    /** Whether all has been encoded. */
    public boolean done() {
        return done;
    }

    /** Encodes that the rest will not come; returns the bytes. */
    public int abort(long address) {
        done = true;
        Packet.padding(address, pid, slot, Packet.HEADER, Packet.ABORTED);
        return Packet.HEADER;
    }
}
