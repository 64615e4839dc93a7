package io.workerpipe.bench.storm;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * What the data of an alert in a storm is: a token that no other alert has, and then words that count up from it. So each
 * byte of it can be checked, packets of two alerts that were mixed are seen, and an alert keeps its token from hop to hop.
 */
final class Content {
    private static final ValueLayout.OfLong WORD = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private Content() {}

    /** The token of a worker's n-th alert: looks random, so that sums of tokens tell one set of alerts from another. */
    static long token(int worker, int number) {
        long mixed = ((long) worker << 32 | number) * 0x9E37_79B9_7F4A_7C15L;
        mixed = (mixed ^ mixed >>> 32) * 0xD6E8_FEB8_6659_FD93L;
        return mixed ^ mixed >>> 32;
    }

    static long token(MemorySegment data) {
        return data.get(WORD, 0);
    }

    /** @param data 8 bytes or more */
    static void fill(MemorySegment data, long token) {
        long words = data.byteSize() >>> 3;
        for (long i = 0; i < words; i++) {
            data.set(WORD, i << 3, token + i);
        }
        for (long at = words << 3; at < data.byteSize(); at++) {
            data.set(ValueLayout.JAVA_BYTE, at, lastByte(token + words, at));
        }
    }

    static boolean isWhole(MemorySegment data, int bytes) {
        if (data.byteSize() != bytes) {
            return false;
        }
        long token = token(data);
        int words = bytes >>> 3;
        long difference = 0;
        for (int i = 1; i < words; i++) {
            difference |= data.get(WORD, (long) i << 3) ^ token + i;
        }
        for (long at = (long) words << 3; at < bytes; at++) {
            difference |= data.get(ValueLayout.JAVA_BYTE, at) ^ lastByte(token + words, at);
        }
        return difference == 0;
    }

    private static byte lastByte(long word, long at) {
        return (byte) (word >>> ((at & 7) << 3));
    }
}
