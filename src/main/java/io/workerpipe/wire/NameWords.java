package io.workerpipe.wire;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * Names of alerts in memory, in a few long words: most are short, and a loop over their bytes costs more than all else that
 * is done with them. Any thread; it holds nothing.
 */
public final class NameWords {
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private NameWords() {}

    /**
     * The eight bytes of a name that begin at one of them, as a little-endian long.
     *
     * @param offset where these bytes are
     * @param bytes  how many of them belong to the name; the others are 0, whatever the memory holds there
     */
    public static long word(MemorySegment memory, long offset, int bytes) {
        if (bytes >= Long.BYTES) {
            return memory.get(LONG, offset);
        }
        if (bytes == 0) {
            return 0;
        }
        if (offset <= memory.byteSize() - Long.BYTES) {
            return memory.get(LONG, offset) & -1L >>> Long.SIZE - bytes * Byte.SIZE;
        }
        long word = 0;
        for (int i = bytes - 1; i >= 0; i--) {
            word = word << Byte.SIZE | memory.get(ValueLayout.JAVA_BYTE, offset + i) & 0xFF;
        }
        return word;
    }

    /** How many words a name has. */
    public static int words(int length) {
        return length + Long.BYTES - 1 >>> 3;
    }
}
