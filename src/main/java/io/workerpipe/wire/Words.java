package io.workerpipe.wire;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * Copies short arrays to memory in two words of eight or four bytes: a general copy costs more than all else that is
 * done with a name or a few bytes of data. Any thread; it holds nothing.
 */
final class Words {
    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle INTS = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private Words() {}

    /** Copies all of an array, and no byte behind it: that is somebody else's claim. */
    static void copy(byte[] bytes, long address) {
        MemorySegment memory = AllMemory.SEGMENT;
        int length = bytes.length;
        if (length > 2 * Long.BYTES) {
            MemorySegment.copy(bytes, 0, memory, ValueLayout.JAVA_BYTE, address, length);
        } else if (length >= Long.BYTES) {
            // The two words overlap where the array is shorter than both.
            int last = length - Long.BYTES;
            memory.set(LONG, address, (long) LONGS.get(bytes, 0));
            memory.set(LONG, address + last, (long) LONGS.get(bytes, last));
        } else if (length >= Integer.BYTES) {
            int last = length - Integer.BYTES;
            memory.set(INT, address, (int) INTS.get(bytes, 0));
            memory.set(INT, address + last, (int) INTS.get(bytes, last));
        } else {
            for (int i = 0; i < length; i++) {
                memory.set(ValueLayout.JAVA_BYTE, address + i, bytes[i]);
            }
        }
    }
}
