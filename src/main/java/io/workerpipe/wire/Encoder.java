package io.workerpipe.wire;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Writes alerts in wire format into pages. Any thread, each to a range of its own: from a position to what
 * {@link Layout#end} says.
 */
public final class Encoder {
    private Encoder() {}

    /**
     * Writes an alert. What reading {@code data} throws (its arena was closed, its file was cut) is thrown on, after the
     * rest of the range has been filled with padding and the receiver has been told to drop what it got.
     *
     * @return the position after it
     */
    public static long encode(Pages pages, long position, int pid, int slot, int flags, byte[] name,
            MemorySegment data) {
        long total = name.length + data.byteSize();
        if (Layout.fitsPage(position, total)) {
            return whole(pages, position, pid, slot, flags, name, data);
        }
        return split(pages, position, pid, slot, flags, name, data);
    }

    private static long whole(Pages pages, long position, int pid, int slot, int flags, byte[] name,
            MemorySegment data) {
        long end = Layout.skipped(position + Packet.HEADER + name.length + data.byteSize());
        int bytes = (int) (end - position);
        int alerts = 0;
        try {
            packet(pages.address(position), bytes, pid, slot, flags, name, data);
            alerts = 1;
        } finally {
            pages.written(position, bytes, alerts);
        }
        return end;
    }

    /**
     * Writes an alert that fits one packet to an address. What reading {@code data} throws is thrown on, after the packet
     * has been filled with padding.
     *
     * @param bytes of the packet, with those to skip
     */
    public static void packet(long address, int bytes, int pid, int slot, int flags, byte[] name, MemorySegment data) {
        long length = data.byteSize();
        int body = (int) (name.length + length);
        int skip = bytes - Packet.HEADER - body;
        long at = address + Packet.HEADER;
        try {
            Words.copy(name, at);
            Parts.copy(data, 0, at + name.length, length);
        } catch (RuntimeException | Error e) {
            Packet.padding(address, pid, slot, bytes, 0);
            throw e;
        }
        if (skip != 0) {
            Packet.clear(at + body, skip);
        }
        Packet.write(address, pid, body, slot, body, name.length, Packet.WHOLE, flags | skip);
    }

    /** The same for data of an array and an alert without flags. */
    public static void packet(long address, int bytes, int pid, int slot, byte[] name, byte[] data) {
        int body = name.length + data.length;
        int skip = bytes - Packet.HEADER - body;
        long at = address + Packet.HEADER;
        try {
            Words.copy(name, at);
            Words.copy(data, at + name.length);
        } catch (Error e) {
            // A stack that is full, a roster that was cut.
            Packet.padding(address, pid, slot, bytes, 0);
            throw e;
        }
        if (skip != 0) {
            Packet.clear(at + body, skip);
        }
        Packet.write(address, pid, body, slot, body, name.length, Packet.WHOLE, skip);
    }

    private static long split(Pages pages, long position, int pid, int slot, int flags, byte[] name,
            MemorySegment data) {
        long total = Parts.total(name, data);
        long end = Layout.end(position, name.length, data.byteSize());
        if (Layout.pads(position, total)) {
            int left = Layout.left(position);
            padding(pages, position, pid, slot, left);
            position += left;
        }
        long from = 0;
        try {
            while (from < total) {
                int left = Layout.left(position);
                int body = (int) Math.min(left - Packet.HEADER, total - from);
                int bytes = (int) (Layout.skipped(position + Packet.HEADER + body) - position);
                Parts.write(pages.address(position), pid, slot, flags, name, data, from, body,
                        bytes - Packet.HEADER - body);
                // Before it is published: what that throws must not have it written once more.
                long at = position;
                from += body;
                position += bytes;
                pages.written(at, bytes, from == total ? 1 : 0);
            }
        } catch (RuntimeException | Error e) {
            giveUp(pages, position, end, pid, slot, from != 0);
            throw e;
        }
        return end;
    }

    /** What was claimed has to become packets: others have written behind it. */
    private static void giveUp(Pages pages, long position, long end, int pid, int slot, boolean opened) {
        int flags = opened ? Packet.ABORTED : 0;
        while (position < end) {
            int bytes = (int) Math.min(Layout.left(position), end - position);
            Packet.padding(pages.address(position), pid, slot, bytes, flags);
            pages.written(position, bytes, 0);
            position += bytes;
            flags = 0;
        }
    }

    /** Writes a control packet whose body is its kind. */
    public static void control(Pages pages, long position, int pid, int slot, byte kind) {
        long at = padded(pages, position, pid, slot, 1);
        AllMemory.SEGMENT.set(ValueLayout.JAVA_BYTE, pages.address(at) + Packet.HEADER, kind);
        finishControl(pages, at, pid, slot, 1);
    }

    /** Writes a control packet that says how many alerts were dropped; its body is {@link LossNotice#BODY} bytes long. */
    public static void loss(Pages pages, long position, int pid, int slot, long count) {
        long at = padded(pages, position, pid, slot, LossNotice.BODY);
        LossNotice.write(pages.address(at) + Packet.HEADER, count);
        finishControl(pages, at, pid, slot, LossNotice.BODY);
    }

    /** Where a short packet begins, after the padding that it may need. */
    private static long padded(Pages pages, long position, int pid, int slot, int body) {
        if (!Layout.pads(position, body)) {
            return position;
        }
        int left = Layout.left(position);
        padding(pages, position, pid, slot, left);
        return position + left;
    }

    private static void finishControl(Pages pages, long at, int pid, int slot, int body) {
        long address = pages.address(at);
        int bytes = (int) (Layout.end(at, 0, body) - at);
        int skip = bytes - Packet.HEADER - body;
        Packet.clear(address + Packet.HEADER + body, skip);
        Packet.write(address, pid, body, slot, body, 0, Packet.WHOLE, Packet.CONTROL | skip);
        pages.written(at, bytes, 0);
    }

    /** Writes a padding packet of 16 to 4,096 bytes, within one page. */
    public static void padding(Pages pages, long position, int pid, int slot, int bytes) {
        Packet.padding(pages.address(position), pid, slot, bytes, 0);
        pages.written(position, bytes, 0);
    }
}
