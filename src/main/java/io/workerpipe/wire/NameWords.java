package io.workerpipe.wire;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * Names of alerts in memory, in a few long words: most are short, and a general copy or a loop over their bytes costs more
 * than all else that is done with them. Any thread; it holds nothing.
 */
public final class NameWords {
    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle INTS = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private NameWords() {}

    /** Writes a name, and no byte behind it: that is somebody else's claim. */
    static void copy(byte[] name, long address) {
        MemorySegment memory = AllMemory.SEGMENT;
        int length = name.length;
        if (length > 2 * Long.BYTES) {
            MemorySegment.copy(name, 0, memory, ValueLayout.JAVA_BYTE, address, length);
        } else if (length >= Long.BYTES) {
            // The two words overlap where the name is shorter than both.
            memory.set(LONG, address, (long) LONGS.get(name, 0));
            memory.set(LONG, address + length - Long.BYTES, (long) LONGS.get(name, length - Long.BYTES));
        } else if (length >= Integer.BYTES) {
            memory.set(INT, address, (int) INTS.get(name, 0));
            memory.set(INT, address + length - Integer.BYTES, (int) INTS.get(name, length - Integer.BYTES));
        } else {
            for (int i = 0; i < length; i++) {
                memory.set(ValueLayout.JAVA_BYTE, address + i, name[i]);
            }
        }
    }

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
