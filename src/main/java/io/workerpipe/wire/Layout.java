package io.workerpipe.wire;

/**
 * How packets lie in a stream of pages: pure arithmetic on positions. Any thread; it holds nothing.
 *
 * <p>No packet crosses from one page to the next, so every write of whole pages, or of a part of one, takes whole
 * packets. After each alert the position is at the beginning of a page, or at least a header's length is left in it; a
 * smaller rest belongs to the packet before it, as bytes to skip.
 */
public final class Layout {
    /**
     * An alert that does not fit what is left of a page, but would fit a whole one, is split only if this much is left;
     * less is padded. Splitting costs the receiver a copy, padding costs bytes in the pipe.
     */
    static final int SPLIT_ROOM = 512;

    private Layout() {}

    /** The position after an alert. */
    public static long end(long position, int nameLength, long dataLength) {
        return skipped(bodyEnd(position, nameLength + dataLength));
    }

    /** The position after an alert, but for the bytes to skip. */
    private static long bodyEnd(long position, long body) {
        int left = left(position);
        if (body <= left - Packet.HEADER) {
            return position + Packet.HEADER + body;
        }
        if (left != Packet.PAGE && left < SPLIT_ROOM) {
            position += left;
        } else if (left != Packet.PAGE) {
            position += left;
            body -= left - Packet.HEADER;
        }
        long full = (body - 1) / Packet.MAX_BODY;
        return position + full * Packet.PAGE + Packet.HEADER + (body - full * Packet.MAX_BODY);
    }

    /** Whether an alert fits what is left of its page, as one packet. */
    public static boolean fitsPage(long position, long body) {
        return body <= left(position) - Packet.HEADER;
    }

    /** Bytes of an alert of one packet at a position, those to skip included. */
    public static int wholeBytes(long position, long body) {
        int bytes = Packet.HEADER + (int) body;
        int left = left(position) - bytes;
        return left < Packet.HEADER ? bytes + left : bytes;
    }

    /** What is too little for another header belongs to the packet before it. */
    static long skipped(long position) {
        int left = left(position);
        return left < Packet.HEADER ? position + left : position;
    }

    /** Whether what is left of a page is padded before an alert that does not fit it. */
    static boolean pads(long position, long body) {
        int left = left(position);
        return left < SPLIT_ROOM && body > left - Packet.HEADER;
    }

    /** Bytes from a position to the end of its page: 1 to 4,096. */
    static int left(long position) {
        return Packet.PAGE - ((int) position & Packet.PAGE - 1);
    }
}
