package io.workerpipe.wire;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Writes packets of an alert: a header, and the part of name and data that follows it. Any thread; it holds nothing. */
final class Parts {
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED;
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED;
    /** So much is copied word by word: a general copy costs as much as all else that is done with a short alert. */
    private static final int SHORT = 64;

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
            NameWords.copy(name, at);
            copy(data, 0, at + name.length, body - name.length);
        } else {
            copy(data, from - name.length, at, body);
        }
        Packet.clear(at + body, skip);
        Packet.write(address, pid, total, slot, body, name.length, control, flags | skip);
    }

    /** Copies a caller's data. All that reading it throws, it throws here. */
    static void copy(MemorySegment data, long from, long address, long bytes) {
        if (bytes <= SHORT) {
            copyWords(data, from, address, (int) bytes);
        } else {
            MemorySegment.copy(data, from, AllMemory.SEGMENT, address, bytes);
        }
        if (data.isMapped()) {
            // The InternalError of a file that was cut comes at the thread's next safepoint. A call into the VM has one:
            // else it would come when half the range is reported, which then would never be completed.
            Thread.holdsLock(Parts.class);
        }
    }

    /** The last two words overlap where the bytes are no whole words. */
    private static void copyWords(MemorySegment data, long from, long address, int bytes) {
        MemorySegment memory = AllMemory.SEGMENT;
        if (bytes >= Long.BYTES) {
            int last = bytes - Long.BYTES;
            for (int i = 0; i < last; i += Long.BYTES) {
                memory.set(LONG, address + i, data.get(LONG, from + i));
            }
            memory.set(LONG, address + last, data.get(LONG, from + last));
        } else if (bytes >= Integer.BYTES) {
            int last = bytes - Integer.BYTES;
            memory.set(INT, address, data.get(INT, from));
            memory.set(INT, address + last, data.get(INT, from + last));
        } else {
            for (int i = 0; i < bytes; i++) {
                memory.set(ValueLayout.JAVA_BYTE, address + i, data.get(ValueLayout.JAVA_BYTE, from + i));
            }
        }
    }
}
