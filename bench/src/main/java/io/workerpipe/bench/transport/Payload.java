package io.workerpipe.bench.transport;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Objects;

/**
 * What the data of an alert is, where its bytes are checked; as in {@code payload.h}.
 *
 * <p>A token (stream and number) in the first word; the token plus n in the first word of the n-th block of 2 KiB, so that
 * a packet of another alert is seen; a fixed word, the pattern, other in each block, in all the rest, so that what was moved
 * is seen. In storms, where alerts of all senders come together, each alert has a pattern of its own.
 * The sender writes a few words an alert, the receiver reads each byte.
 */
public final class Payload {
    /** Alerts of a stream before its number runs into the stream's. */
    private static final int STREAM_SHIFT = 40;
    private static final int BLOCK_WORDS = 256;
    private static final long PATTERN = 0x5EED_0FA1_E275_A11EL;
    private static final ValueLayout.OfLong WORD = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    /**
     * For each JVM that checks alerts: what takes most of the check's time is compiled for itself. As a part of what calls
     * it, it takes 0.1 to 0.6 us for 10,240 bytes, depending on whether the compiler still makes vector instructions of it
     * there: by the system that is measured, and by the run.
     */
    public static final List<String> FLAGS = List.of("-XX:CompileCommand=quiet",
            "-XX:CompileCommand=dontinline," + Payload.class.getName() + "::difference");

    private Payload() {}

    /** The token of the first alert of a stream; each other one's is one more. */
    public static long firstToken(int stream) {
        return (long) stream << STREAM_SHIFT;
    }

    /** Which stream a token is of; anything for what is no token. */
    public static long stream(long token) {
        return token >>> STREAM_SHIFT;
    }

    /** Which of its stream, from 0. */
    public static long number(long token) {
        return token & (1L << STREAM_SHIFT) - 1;
    }

    /** Data of alerts that all have the same but for their tokens: it is filled once, and each alert stamped. */
    public static void fill(MemorySegment data) {
        fill(data, PATTERN);
    }

    /** @param data 8 bytes or more */
    public static void fill(MemorySegment data, long pattern) {
        long words = data.byteSize() >>> 3;
        for (long i = 0; i < words; i++) {
            data.set(WORD, i << 3, pattern + i / BLOCK_WORDS);
        }
        long last = pattern + words / BLOCK_WORDS;
        for (long at = words << 3; at < data.byteSize(); at++) {
            data.set(ValueLayout.JAVA_BYTE, at, (byte) (last >>> ((at & 7) << 3)));
        }
    }

    /** Makes filled data another alert. */
    public static void stamp(MemorySegment data, long token) {
        long length = data.byteSize();
        long word = token;
        for (long at = 0; at + Long.BYTES <= length; at += (long) BLOCK_WORDS * Long.BYTES) {
            data.set(WORD, at, word++);
        }
    }

    /** @param length 8 bytes or more */
    public static long token(MemorySegment memory, long offset) {
        return memory.get(WORD, offset);
    }

    /** Reads all of it; for data that was filled without a pattern of its own. */
    public static boolean isWhole(MemorySegment memory, long offset, long length, long token) {
        return isWhole(memory, offset, length, token, PATTERN);
    }

    /**
     * Reads all of it.
     *
     * @param memory outside of the heap
     * @param length 8 bytes or more
     */
    public static boolean isWhole(MemorySegment memory, long offset, long length, long token, long pattern) {
        if (!memory.isNative()) {
            throw new IllegalArgumentException("not outside of the heap: " + memory);
        }
        Objects.checkFromIndexSize(offset, length, memory.byteSize());
        return difference(memory.address() + offset, length, token, pattern) == 0;
    }

    /** By address: a segment would become an object where it is passed to a method that is not inlined. */
    @SuppressWarnings("restricted")
    private static long difference(long address, long length, long token, long pattern) {
        MemorySegment memory = MemorySegment.ofAddress(address).reinterpret(length);
        int words = (int) (length >>> 3);
        long difference = 0;
        long block = 0;
        for (int first = 0; first < words; first += BLOCK_WORDS) {
            long at = (long) first << 3;
            difference |= memory.get(WORD, at) ^ token + block;
            difference |= differenceFrom(memory, at, Math.min(BLOCK_WORDS, words - first), pattern + block);
            block++;
        }
        int rest = (int) length & 7;
        if (rest != 0) {
            // The last word that fits: what it has of the one before was looked at above.
            long last = pattern + words / BLOCK_WORDS;
            int before = Long.SIZE - (rest << 3);
            difference |= (memory.get(WORD, length - Long.BYTES) ^ last << before) >>> before;
        }
        return difference;
    }

    /** Where the first wrong byte lies, or -1: for telling what went wrong. Slow. */
    public static long firstWrong(MemorySegment memory, long offset, long length, long token) {
        for (long at = 0; at < length; at++) {
            long word = at >>> 3;
            boolean isToken = word % BLOCK_WORDS == 0 && (word << 3) + Long.BYTES <= length;
            long wanted = (isToken ? token : PATTERN) + word / BLOCK_WORDS;
            if (memory.get(ValueLayout.JAVA_BYTE, offset + at) != (byte) (wanted >>> ((at & 7) << 3))) {
                return at;
            }
        }
        return -1;
    }

    /** All words of a block but the first. */
    private static long differenceFrom(MemorySegment memory, long offset, int words, long wanted) {
        long difference = 0;
        for (int i = 1; i < words; i++) {
            difference |= memory.get(WORD, offset + ((long) i << 3)) ^ wanted;
        }
        return difference;
    }
}
