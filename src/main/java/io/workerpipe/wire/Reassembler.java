package io.workerpipe.wire;

import io.workerpipe.wire.OpenAlerts.Open;
import java.lang.foreign.MemorySegment;

/**
 * Makes alerts out of the bytes of an inbox. Used by the reader thread only.
 *
 * <p>A whole alert is passed on where it lies. Parts are put together in memory reserved by the alert's length. Nothing in
 * a header is believed before it is checked: one that contradicts itself costs itself, and then the next packet is looked
 * for byte by byte. One that lies about its length swallows what it claims. Where that ends in the middle of a packet, no
 * header follows, and the packets that it swallowed are found again, as those that lead across its end. What comes in step
 * is accepted from anybody: who sent and exited is dead while its bytes still lie in the pipe. But the first packet of
 * somebody who is no member must be followed by another one, or by the end of what was read: behind a lie, one in some
 * thousand places in the middle of other packets' data would pass for a header.
 *
 * <p>Packets have no numbers. A part that is missing shows by the lengths of those that follow, with one exception: where
 * a lie takes the end of an alert and the beginning of its sender's next one, both of the same lengths, and what is left
 * of the two adds up to one, they are taken for one.
 */
public final class Reassembler {
    /** More senders than a roster has slots: what is beyond is made up. */
    private static final int MAX_OPEN = 2048;
    private static final int SEEN = 4096;
    /** Of no packet that is sane: their process ids are positive. */
    private static final long NOBODY = 0;

    private final AlertSink sink;
    private final SenderCheck senders;
    private final PartMemory memory;
    private final long openLimit;
    private final OpenAlerts open = new OpenAlerts();
    /** Senders seen in step, as many as there is room for: each has one place, and the next one there takes it. */
    private final long[] seen = new long[SEEN];

    private boolean searching;
    /** Of the packet in step that ends where the next one is expected; 0 if there is none. */
    private int lastLength;
    private long openBytes;
    private long alerts;
    private long skippedBytes;
    private long brokenHeaders;
    private long strayParts;
    private long droppedOpen;
    private long aborted;
    private long overLimit;
    private long unknownFlags;

    /** @param openLimit bytes that all parts together may hold */
    public Reassembler(AlertSink sink, SenderCheck senders, PartMemory memory, long openLimit) {
        this.sink = sink;
        this.senders = senders;
        this.memory = memory;
        this.openLimit = openLimit;
    }

    /**
     * Takes in the packets between two offsets.
     *
     * @param drained the pipe was empty behind the last byte. Writers write whole packets at once, so what is not whole
     *                then never will be
     * @return the offset of the first byte that was not taken in: a packet's beginning, at most 4,095 bytes long, to be
     *         given again in front of what follows, and with it the 4,096 bytes before it, in front of {@code from};
     *         {@code to} if {@code drained}, and then nothing has to be kept
     */
    public long accept(MemorySegment buffer, long from, long to, boolean drained) {
        // One method with all that is done here to most alerts, and too long to be inlined itself: the compiler gives up on
        // what a handler calls beyond 15 levels, and begins to count here, or behind it.
        long at = from;
        // What was looked through for swallowed packets is not looked through again: else lies could make it take long.
        long lookedTo = Long.MIN_VALUE;
        for (;;) {
            if (searching) {
                at = search(buffer, at, to, drained);
                if (searching) {
                    return at;
                }
            }
            // Packets that follow each other.
            int last = lastLength;
            long known = NOBODY;
            boolean alone = open.size() == 0;
            while (to - at >= Packet.HEADER) {
                long first = Packet.first(buffer, at);
                long second = Packet.second(buffer, at);
                int length = length(first, second);
                if (length == 0) {
                    startSearch();
                    break;
                }
                if (to - at < length) {
                    break;
                }
                long sender = sender(first, second);
                if (sender != known) {
                    if (!accepts(buffer, sender, first, second, at + length, to, drained)) {
                        startSearch();
                        break;
                    }
                    known = sender;
                }
                if (alone && Packet.isPlain(second)) {
                    alerts++;
                    sink.alert(first, second, buffer, at + Packet.HEADER);
                } else {
                    packet(buffer, at, first, second, sender);
                    alone = open.size() == 0;
                }
                at += length;
                last = length;
            }
            lastLength = last;
            if (!searching) {
                if (!drained || at == to) {
                    if (drained) {
                        lastLength = 0;
                    }
                    return at;
                }
                startSearch();
            }
            long swallowed = swallowed(buffer, Math.max(at - lastLength + 1, lookedTo), at, to, drained);
            lastLength = 0;
            lookedTo = at;
            if (swallowed < at) {
                searching = false;
                at = swallowed;
                continue;
            }
            // The header there is wrong: look behind its first byte.
            skippedBytes++;
            at++;
        }
    }

    /** Whether a packet in step is one: its sender was seen here, or is a member, or another packet follows. */
    private boolean accepts(MemorySegment buffer, long sender, long first, long second, long end, long to,
            boolean drained) {
        int place = place(sender);
        if (seen[place] != sender) {
            if (!isMember(first, second) && !isFollowed(buffer, end, to, drained)) {
                return false;
            }
            seen[place] = sender;
        }
        return true;
    }

    private void startSearch() {
        brokenHeaders++;
        searching = true;
    }

    /** Bytes of the packet with this header, 0 if the header contradicts itself. */
    static int length(long first, long second) {
        return Packet.isPlain(second) ? plainLength(first, second) : otherLength(first, second);
    }

    private static int plainLength(long first, long second) {
        int body = Packet.bodyLength(second);
        int length = length(second);
        boolean sane = Packet.totalLength(first) == body && Packet.nameLength(second) <= Math.min(body, Packet.MAX_NAME)
                && length <= Packet.PAGE && Packet.pid(first) > 0;
        return sane ? length : 0;
    }

    private static int otherLength(long first, long second) {
        int body = Packet.bodyLength(second);
        int name = Packet.nameLength(second);
        int flags = Packet.flags(second);
        long total = Packet.totalLength(first);
        int length = length(second);
        if (length > Packet.PAGE || name > Packet.MAX_NAME || Packet.pid(first) <= 0
                || total > name + Packet.MAX_DATA) {
            return 0;
        }
        boolean sane = switch (Packet.control(second)) {
            case Packet.WHOLE -> total == body && name <= body;
            case Packet.FIRST -> total > body && name <= body && body > 0;
            case Packet.NEXT -> body > 0 && body <= total - name;
            case Packet.PADDING -> total == 0 && name == 0;
            default -> false;
        };
        if ((flags & Packet.CONTROL) != 0) {
            sane &= Packet.control(second) == Packet.WHOLE && name == 0 && body > 0;
        }
        return sane ? length : 0;
    }

    /** Bytes of the packet with this second half of a header, which is sane. */
    private static int length(long second) {
        return Packet.HEADER + Packet.bodyLength(second) + (Packet.flags(second) & Packet.SKIP);
    }

    /** Any packet that is whole. */
    private void packet(MemorySegment buffer, long at, long first, long second, long sender) {
        MemorySegment alert = completed(buffer, at, first, second, sender);
        if (alert == null) {
            return;
        }
        alerts++;
        try {
            sink.alert(first, second, alert, alert == buffer ? at + Packet.HEADER : 0);
        } finally {
            if (alert != buffer) {
                memory.release(alert);
            }
        }
    }

    /** What holds the alert that this packet is or completes: the buffer or the memory of its parts. Null if there is none. */
    private MemorySegment completed(MemorySegment buffer, long at, long first, long second, long sender) {
        int flags = Packet.flags(second);
        int control = Packet.control(second);
        if (Packet.reserved(second) != 0 || (flags & (Packet.CORRELATION | Packet.ANSWER)) != 0) {
            unknownFlags++;
            if (control != Packet.PADDING) {
                skippedBytes += length(second);
                // Part of an alert that is not the open one, or a part of that one that is missing now.
                dropOpen(sender);
            }
            return null;
        }
        if ((flags & Packet.ABORTED) != 0) {
            abort(sender);
        }
        if (control == Packet.PADDING) {
            return null;
        }
        int body = Packet.bodyLength(second);
        long bodyAt = at + Packet.HEADER;
        if ((flags & Packet.CONTROL) != 0) {
            sink.control(Packet.pid(first), Packet.slot(second), buffer, bodyAt, body);
            return null;
        }
        if (control == Packet.NEXT) {
            return next(buffer, bodyAt, body, sender, first, second);
        }
        dropOpen(sender);
        if (control == Packet.WHOLE) {
            return buffer;
        }
        begin(buffer, bodyAt, body, sender, first, second);
        return null;
    }

    // ---------------------------------------------------------------- alerts of several packets

    private void begin(MemorySegment buffer, long bodyAt, int body, long sender, long first, long second) {
        long total = Packet.totalLength(first);
        if (open.size() == MAX_OPEN && drop(open.longestIdle())) {
            overLimit++;
        }
        Open begun = open.add(sender, total, Packet.nameLength(second));
        sink.opened(Packet.pid(first), Packet.slot(second));
        if (total > openLimit || openBytes + body > openLimit) {
            overLimit++;
        } else {
            try {
                begun.memory = memory.reserve(total);
            } catch (OutOfMemoryError e) {
                overLimit++;
            }
        }
        append(begun, buffer, bodyAt, body);
    }

    /** The whole alert, if this was its last part and it has been kept; it is the caller's to release. */
    private MemorySegment next(MemorySegment buffer, long bodyAt, int body, long sender, long first, long second) {
        Open begun = open.find(sender);
        if (begun == null) {
            stray(second);
            return null;
        }
        // Parts come in order, and all but the last are full: anything else means that some were lost, the rest of this
        // alert among them. Kept open, it would be completed by parts of the next one.
        if (begun.total != Packet.totalLength(first) || begun.nameLength != Packet.nameLength(second)
                || body != Math.min(Packet.MAX_BODY, begun.total - begun.received)) {
            stray(second);
            dropOpen(sender);
            return null;
        }
        if (begun.memory != null && openBytes + body > openLimit) {
            overLimit++;
            giveUp(begun);
        }
        append(begun, buffer, bodyAt, body);
        return begun.received == begun.total ? finish(begun) : null;
    }

    private void stray(long second) {
        strayParts++;
        skippedBytes += length(second);
    }

    private void append(Open begun, MemorySegment buffer, long bodyAt, int body) {
        if (begun.memory != null) {
            MemorySegment.copy(buffer, bodyAt, begun.memory, begun.received, body);
            openBytes += body;
        }
        begun.received += body;
        open.touch(begun);
    }

    private MemorySegment finish(Open begun) {
        MemorySegment whole = begun.memory;
        long total = begun.total;
        open.remove(begun);
        if (whole != null) {
            openBytes -= total;
        }
        return whole;
    }

    /** Keeps its place, so that the packets to come are known, but none of its bytes. */
    private void giveUp(Open begun) {
        if (begun.memory != null) {
            openBytes -= begun.received;
            memory.release(begun.memory);
            begun.memory = null;
        }
    }

    private boolean drop(long sender) {
        return drop(open.find(sender));
    }

    private boolean drop(Open begun) {
        if (begun == null) {
            return false;
        }
        boolean counts = begun.memory != null;
        giveUp(begun);
        open.remove(begun);
        // One given up before was counted then.
        return counts;
    }

    private void dropOpen(long sender) {
        if (drop(sender)) {
            droppedOpen++;
        }
    }

    private void abort(long sender) {
        if (drop(sender)) {
            aborted++;
        }
    }

    /** Frees what a sender left unfinished. */
    public void senderGone(int pid, int slot) {
        dropOpen(sender(pid, slot));
    }

    /** Frees all that is unfinished. */
    public void close() {
        open.forEach(this::giveUp);
    }

    // ---------------------------------------------------------------- out of step

    /**
     * Looks for a packet byte by byte: sane in itself, and with enough behind it, which for somebody who is a member or
     * was seen here is a second packet or the end. One of theirs that lacks it is passed over as a whole: what looks like
     * packets in its data must not be taken for some.
     */
    private long search(MemorySegment buffer, long from, long to, boolean drained) {
        long at = from;
        while (to - at >= Packet.HEADER) {
            long first = Packet.first(buffer, at);
            long second = Packet.second(buffer, at);
            int length = length(first, second);
            if (length == 0 || Packet.reserved(second) != 0) {
                at++;
                continue;
            }
            boolean found;
            if (!isKnown(first, second)) {
                found = isFollowedForCertain(buffer, at + length, to,
                        sender(first, second));
                at += found ? 0 : 1;
            } else if (to - at >= length) {
                found = isFollowed(buffer, at + length, to, drained);
                if (!found) {
                    long end = at + length;
                    at = swallowed(buffer, at + 1, end, to, drained);
                    found = at < end;
                }
            } else if (drained) {
                found = false;
                at++;
            } else {
                // Whole or not is seen with the next bytes.
                break;
            }
            if (found) {
                searching = false;
                skippedBytes += at - from;
                return at;
            }
        }
        if (drained) {
            at = to;
            // Writers write whole packets: what follows an empty pipe begins with one.
            searching = false;
        }
        skippedBytes += at - from;
        return at;
    }

    /**
     * Looks through the packet that ends where no header is: had it lied about its length, it would have swallowed packets
     * of which the last one lies across its end. What only looks like packets in an honest one's data ends with it.
     *
     * @param from behind the first byte of that packet
     * @param end  its end
     * @return where the first of the swallowed packets begins, {@code end} if there is none
     */
    private long swallowed(MemorySegment buffer, long from, long end, long to, boolean drained) {
        for (long at = from; at < end && to - at >= Packet.HEADER; at++) {
            long first = Packet.first(buffer, at);
            long second = Packet.second(buffer, at);
            int length = length(first, second);
            if (length == 0 || Packet.reserved(second) != 0) {
                continue;
            }
            long behind = behind(buffer, at + length, end, to);
            if (behind > end && (isKnown(first, second)
                    ? isFollowed(buffer, behind, to, drained)
                    : isFollowedForCertain(buffer, behind, to, sender(first, second)))) {
                return at;
            }
        }
        return end;
    }

    /** Where packets that follow each other from here lead to, as soon as that is not in front of a place; 0 for nowhere. */
    private static long behind(MemorySegment buffer, long from, long place, long to) {
        long at = from;
        while (at < place) {
            int length = to - at < Packet.HEADER ? 0 : length(Packet.first(buffer, at), Packet.second(buffer, at));
            if (length == 0) {
                return 0;
            }
            at += length;
        }
        return at;
    }

    /** Whether a packet's end, here, is followed by a sane header, or by the end of what was read. */
    private static boolean isFollowed(MemorySegment buffer, long at, long to, boolean drained) {
        long behind = to - at;
        if (behind < Packet.HEADER) {
            return behind == 0 || !drained;
        }
        return length(Packet.first(buffer, at), Packet.second(buffer, at)) != 0;
    }

    /**
     * Whether a packet's end, here, is followed by what no chance makes: another one of the same sender, or two of others,
     * or one and the end of what was read.
     */
    private static boolean isFollowedForCertain(MemorySegment buffer, long from, long to, long sender) {
        long at = from;
        for (int packets = 0; packets < 2; packets++) {
            if (to - at < Packet.HEADER) {
                return at == to && packets == 1;
            }
            long first = Packet.first(buffer, at);
            long second = Packet.second(buffer, at);
            int length = length(first, second);
            if (length == 0 || Packet.reserved(second) != 0) {
                return false;
            }
            if (sender(first, second) == sender) {
                return true;
            }
            at += length;
        }
        return true;
    }

    private boolean isKnown(long first, long second) {
        long sender = sender(first, second);
        return seen[place(sender)] == sender || isMember(first, second);
    }

    private boolean isMember(long first, long second) {
        return senders.isMember(Packet.pid(first), Packet.slot(second));
    }

    private static long sender(long first, long second) {
        return sender(Packet.pid(first), Packet.slot(second));
    }

    private static long sender(int pid, int slot) {
        return (long) pid << 16 | slot;
    }

    /** Where the last sender of some is remembered. */
    static int place(long sender) {
        return (int) (sender * 0x9E37_79B9_7F4A_7C15L >>> 52);
    }

    // ---------------------------------------------------------------- counters

    /** Alerts passed on. */
    public long alerts() {
        return alerts;
    }

    /** Bytes that were no packet, or packets that belonged to no alert. */
    public long skippedBytes() {
        return skippedBytes;
    }

    /** Headers that contradicted themselves, or claimed bytes that never came. */
    public long brokenHeaders() {
        return brokenHeaders;
    }

    /** Packets that continued no open alert, or contradicted it. */
    public long strayParts() {
        return strayParts;
    }

    /** Alerts that were open when their sender began another one, sent a part that contradicts them, or was gone. */
    public long droppedOpen() {
        return droppedOpen;
    }

    /** Alerts that their sender gave up. */
    public long aborted() {
        return aborted;
    }

    /** Alerts for which there was no memory, or no room among those open: then the one that was idle for longest. */
    public long overLimit() {
        return overLimit;
    }

    /** Packets with flags that are not known yet. */
    public long unknownFlags() {
        return unknownFlags;
    }

    /** Alerts of which some packets have come. */
    public int openParts() {
        return open.size();
    }

    /** Bytes of these. */
    public long openBytes() {
        return openBytes;
    }
}
