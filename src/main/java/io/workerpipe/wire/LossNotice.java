package io.workerpipe.wire;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/** The body of a {@link ControlKind#LOSS} packet: the kind, then how many alerts, 8 bytes. Any thread; it holds nothing. */
public final class LossNotice {
    /** Bytes of the body. */
    public static final int BODY = 1 + Long.BYTES;

    private static final ValueLayout.OfLong COUNT = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private LossNotice() {}

    static void write(long address, long count) {
        AllMemory.SEGMENT.set(ValueLayout.JAVA_BYTE, address, ControlKind.LOSS);
        AllMemory.SEGMENT.set(COUNT, address + 1, count);
    }

    /**
     * How many alerts were dropped.
     *
     * @param length bytes of the body; more than we know of may follow
     * @return 0 for what is no loss notice, and for one that makes no sense
     */
    public static long count(MemorySegment memory, long offset, int length) {
        if (length < BODY || memory.get(ValueLayout.JAVA_BYTE, offset) != ControlKind.LOSS) {
            return 0;
        }
        return Math.max(0, memory.get(COUNT, offset + 1));
    }
}
