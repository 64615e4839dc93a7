package io.workerpipe.wire;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What the reassembler must do, written down a second time, as plainly as it can be: byte arrays, one field after the
 * other, everything copied. For comparison only.
 */
final class ReferenceReassembler {
    /** An alert ('a') or a control packet ('c') that is passed on, or an alert that begins ('o'). */
    record Event(char kind, int pid, int slot, int flags, int nameLength, byte[] body) {
        boolean is(Event other) {
            return kind == other.kind && pid == other.pid && slot == other.slot && flags == other.flags
                    && nameLength == other.nameLength && Arrays.equals(body, other.body);
        }

        @Override
        public String toString() {
            return kind + " of " + pid + "/" + slot + ", flags " + flags + ", name " + nameLength + ", body "
                    + body.length + " " + Arrays.hashCode(body);
        }
    }

    /** A header that does not contradict itself. */
    private record Header(int pid, long total, int slot, int body, int name, char kind, int flags, int reserved) {
        long sender() {
            return (long) pid << 16 | slot;
        }

        int length() {
            return 16 + body + (flags & 15);
        }
    }

    private static final class Open {
        private final long total;
        private final int name;
        private byte[] body = {};
        private long received;
        private boolean dropped;

        Open(long total, int name) {
            this.total = total;
            this.name = name;
        }
    }

    final List<Event> events = new ArrayList<>();
    private final Set<Long> members;
    private final long limit;
    private final Map<Long, Open> open = new HashMap<>();
    private final long[] seen = new long[4096];
    private byte[] stream = {};
    /** Where the next packet is expected in the stream; the bytes before are those of the last one. */
    private int at;
    private boolean searching;
    /** What lies before has been looked through for swallowed packets. */
    private int lookedTo;
    private long fed;
    private long taken;
    private long takenAgain;
    private long ofNoAlert;
    long skipped;
    long broken;
    long stray;
    long dropped;
    long aborted;
    long overLimit;
    long unknown;

    ReferenceReassembler(Set<Long> members, long limit) {
        this.members = members;
        this.limit = limit;
    }

    /** Null where there are not 16 bytes, or they are no header that may be. */
    private static Header header(byte[] stream, int at) {
        if (stream.length - at < 16) {
            return null;
        }
        ByteBuffer b = ByteBuffer.wrap(stream, at, 16).order(ByteOrder.LITTLE_ENDIAN);
        Header h = new Header(b.getInt(), Integer.toUnsignedLong(b.getInt()), Short.toUnsignedInt(b.getShort()),
                Short.toUnsignedInt(b.getShort()), Byte.toUnsignedInt(b.get()), (char) Byte.toUnsignedInt(b.get()),
                Byte.toUnsignedInt(b.get()), Byte.toUnsignedInt(b.get()));
        return isSane(h) ? h : null;
    }

    /** Bytes of the packet with this header, 0 for one that may not be. */
    static int length(byte[] header) {
        Header h = header(header, 0);
        return h == null ? 0 : h.length();
    }

    private static boolean isSane(Header h) {
        if (h.pid < 1 || h.name > 254 || h.length() > 4096 || h.total - h.name > 4_294_967_040L) {
            return false;
        }
        boolean control = (h.flags & 16) != 0;
        if (control) {
            return h.kind == '$' && h.name == 0 && h.body > 0 && h.total == h.body;
        }
        return switch (h.kind) {
            case '$' -> h.total == h.body && h.name <= h.body;
            case '>' -> h.body > 0 && h.name <= h.body && h.total > h.body;
            case '+' -> h.body > 0 && h.total >= h.name + h.body;
            case '_' -> h.total == 0 && h.name == 0;
            default -> false;
        };
    }

    /** Takes in what one read gave. */
    void read(byte[] bytes, boolean drained) {
        stream = RawPacket.join(stream, bytes);
        fed += bytes.length;
        lookedTo = 0;
        for (;;) {
            if (searching && !find(drained)) {
                break;
            }
            if (packets(drained)) {
                break;
            }
            // What is at this place is no packet. Did the last one swallow some that go on behind it?
            broken++;
            int swallowed = swallowed(Math.max(1, lookedTo), at, drained);
            lookedTo = at;
            if (swallowed >= 0) {
                takenAgain += at - swallowed;
                forgetTo(swallowed);
            } else {
                skip(1);
                searching = true;
            }
        }
        if (drained) {
            forgetTo(stream.length);
        }
    }

    /** Goes on from here; what lies before is no packet's. */
    private void forgetTo(int place) {
        stream = Arrays.copyOfRange(stream, place, stream.length);
        lookedTo -= place;
        at = 0;
    }

    private void skip(int bytes) {
        skipped += bytes;
        forgetTo(at + bytes);
    }

    /** @return false at something that is no packet; true when more bytes are needed, or there are none */
    private boolean packets(boolean drained) {
        for (;;) {
            int left = stream.length - at;
            if (left < 16) {
                return left == 0 || !drained;
            }
            Header h = header(stream, at);
            if (h == null) {
                return false;
            }
            if (left < h.length()) {
                return !drained;
            }
            int end = at + h.length();
            boolean known = seen[Reassembler.place(h.sender())] == h.sender() || members.contains(h.sender());
            if (!known && !followed(end, drained)) {
                return false;
            }
            seen[Reassembler.place(h.sender())] = h.sender();
            forgetTo(at);
            take(h);
            at = h.length();
        }
    }

    private boolean followed(int end, boolean drained) {
        int left = stream.length - end;
        return left < 16 ? left == 0 || !drained : header(stream, end) != null;
    }

    private boolean isKnown(Header h) {
        return seen[Reassembler.place(h.sender())] == h.sender() || members.contains(h.sender());
    }

    /** Looks for the next packet; false when there is none in what was read. */
    private boolean find(boolean drained) {
        int place = at;
        while (stream.length - place >= 16) {
            Header h = header(stream, place);
            int next = place + 1;
            boolean found = false;
            if (h != null && h.reserved == 0) {
                int end = place + h.length();
                if (!isKnown(h)) {
                    found = certain(end, h.sender());
                } else if (end <= stream.length) {
                    found = followed(end, drained);
                    next = end;
                    int swallowed = found ? -1 : swallowed(place + 1, end, drained);
                    if (swallowed >= 0) {
                        place = swallowed;
                        found = true;
                    }
                } else if (!drained) {
                    skip(place - at);
                    return false;
                }
            }
            if (found) {
                skip(place - at);
                searching = false;
                return true;
            }
            place = next;
        }
        skip(drained ? stream.length - at : place - at);
        searching = !drained;
        return drained;
    }

    /** One more of the sender, or two more of anybody, or one more and then the end. */
    private boolean certain(int end, long sender) {
        Header second = header(stream, end);
        if (second == null || second.reserved != 0) {
            return false;
        }
        if (second.sender() == sender || end + second.length() == stream.length) {
            return true;
        }
        Header third = header(stream, end + second.length());
        return third != null && third.reserved == 0;
    }

    /** Where packets begin, in the one from here to there, that lead across its end; -1 if there are none. */
    private int swallowed(int from, int to, boolean drained) {
        for (int place = from; place < to; place++) {
            Header h = header(stream, place);
            if (h == null || h.reserved != 0) {
                continue;
            }
            int end = place;
            for (Header next = h; next != null && end < to; next = header(stream, end)) {
                end += next.length();
            }
            if (end > to && (isKnown(h) ? followed(end, drained) : certain(end, h.sender()))) {
                return place;
            }
        }
        return -1;
    }

    /** A packet in step: it begins at the stream's beginning. */
    private void take(Header h) {
        taken += h.length();
        byte[] body = Arrays.copyOfRange(stream, 16, 16 + h.body);
        int flags = h.flags & ~15;
        if (h.reserved != 0 || (flags & 0xC0) != 0) {
            unknown++;
            if (h.kind != '_') {
                passOver(h);
            }
            return;
        }
        if ((flags & 32) != 0 && drop(h.sender())) {
            aborted++;
        }
        if (h.kind == '_') {
            return;
        }
        if ((flags & 16) != 0) {
            events.add(new Event('c', h.pid, h.slot, 0, 0, body));
        } else if (h.kind == '$') {
            dropOpen(h.sender());
            events.add(new Event('a', h.pid, h.slot, flags, h.name, body));
        } else if (h.kind == '>') {
            dropOpen(h.sender());
            events.add(new Event('o', h.pid, h.slot, 0, 0, new byte[0]));
            Open begun = new Open(h.total, h.name);
            open.put(h.sender(), begun);
            if (h.total > limit || openBytes() + h.body > limit) {
                overLimit++;
                begun.dropped = true;
            }
            append(begun, body);
        } else {
            next(h, flags, body);
        }
    }

    private void next(Header h, int flags, byte[] body) {
        Open begun = open.get(h.sender());
        if (begun == null || begun.total != h.total || begun.name != h.name
                || body.length != Math.min(4080, begun.total - begun.received)) {
            stray++;
            passOver(h);
            return;
        }
        if (!begun.dropped && openBytes() + body.length > limit) {
            overLimit++;
            begun.dropped = true;
            begun.body = new byte[0];
        }
        append(begun, body);
        if (begun.received == begun.total) {
            open.remove(h.sender());
            if (!begun.dropped) {
                events.add(new Event('a', h.pid, h.slot, flags, h.name, begun.body));
            }
        }
    }

    private void passOver(Header h) {
        skipped += h.length();
        ofNoAlert += h.length();
        dropOpen(h.sender());
    }

    private static void append(Open begun, byte[] body) {
        begun.received += body.length;
        if (!begun.dropped) {
            begun.body = RawPacket.join(begun.body, body);
        }
    }

    private boolean drop(long sender) {
        Open begun = open.remove(sender);
        return begun != null && !begun.dropped;
    }

    private void dropOpen(long sender) {
        if (drop(sender)) {
            dropped++;
        }
    }

    long openBytes() {
        return open.values().stream().mapToLong(begun -> begun.body.length).sum();
    }

    int openParts() {
        return open.size();
    }

    /** Bytes that are neither taken nor skipped yet. */
    int waiting() {
        return stream.length - at;
    }

    /** Bytes that are nowhere: in no packet, not skipped, not waiting. None. */
    long unaccounted() {
        return fed - taken + takenAgain - (skipped - ofNoAlert) - waiting();
    }
}
