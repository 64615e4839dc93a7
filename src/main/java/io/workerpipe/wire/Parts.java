package io.workerpipe.wire;

import java.lang.foreign.MemorySegment;

/** Writes packets of an alert: a header, and the part of name and data that follows it. Any thread; it holds nothing. */
final class Parts {
    private Parts() {}

    /** Bytes of name and data. */
    static long total(byte[] name, MemorySegment data) {
        return name.length + data.byteSize();
    }

    /**
     * Writes one packet to an address.
     *
     * @param flags those of the alert
     * @param from  where its body begins, in name and data
     * @param body  bytes of it
     * @param skip  bytes to skip after it
     */
    static void write(long address, int pid, int slot, int flags, byte[] name, MemorySegment data, long from, int body,
            int skip) {
        long total = total(name, data);
        int control = body == total ? Packet.WHOLE : from == 0 ? Packet.FIRST : Packet.NEXT;
        long at = address + Packet.HEADER;
        if (from == 0) {
            Words.copy(name, at);
            copy(data, 0, at + name.length, body - name.length);
        } else {
            copy(data, from - name.length, at, body);
        }
        Packet.clear(at + body, skip);
        Packet.write(address, pid, total, slot, body, name.length, control, flags | skip);
    }

    /** Copies a caller's data. All that reading it throws, it throws here. */
    static void copy(MemorySegment data, long from, long address, long bytes) {
        MemorySegment.copy(data, from, AllMemory.SEGMENT, address, bytes);
        if (data.isMapped()) {
            // The InternalError of a file that was cut comes at the thread's next safepoint. A call into the VM has one:
            // else it would come when half the range is reported, which then would never be completed.
            Thread.holdsLock(Parts.class);
        }
    }
}
