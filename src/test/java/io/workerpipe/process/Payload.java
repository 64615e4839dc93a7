package io.workerpipe.process;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.CRC32C;

/**
 * Data that tells where it comes from, and whether all of it is what was sent: sender and receiver, a number of its own
 * for each pair, pseudo-random bytes, and a CRC-32C over all that.
 */
public final class Payload {
    /** Bytes of the shortest one. */
    public static final int MIN = 36;

    /** The receiver of what goes to all. */
    public static final long ALL = 0;

    private static final int SEQUENCE = 16;
    private static final int RANDOM = 32;

    /** Who sent what to whom, as a payload says it. */
    public record Header(long sender, long receiver, long sequence, int senderPid) {}

    private Payload() {}

    /** @param length {@link #MIN} or more */
    public static byte[] of(long sender, long receiver, long sequence, int senderPid, int length) {
        byte[] bytes = new byte[length];
        fill(ByteBuffer.wrap(bytes), sender, receiver, sequence, senderPid);
        return bytes;
    }

    /** @param buffer all of it is written, {@link #MIN} bytes or more */
    public static void fill(ByteBuffer buffer, long sender, long receiver, long sequence, int senderPid) {
        int length = buffer.capacity();
        buffer.clear().order(ByteOrder.LITTLE_ENDIAN).putLong(sender).putLong(receiver).putLong(sequence)
                .putInt(senderPid).putInt(length);
        long random = sender * 31 + receiver * 1_000_003 + sequence;
        int at = RANDOM;
        for (; at <= length - 4 - Long.BYTES; at += Long.BYTES) {
            random = random * 0x5851_F42D_4C95_7F2DL + 0x1405_7B7E_F767_814FL;
            buffer.putLong(at, random ^ random >>> 29);
        }
        for (; at < length - 4; at++) {
            buffer.put(at, (byte) at);
        }
        CRC32C crc = new CRC32C();
        crc.update(buffer.duplicate().position(0).limit(length - 4));
        buffer.putInt(length - 4, (int) crc.getValue());
    }

    /** What it says of itself; null if any byte of it is wrong. */
    public static Header check(MemorySegment data) {
        if (data.byteSize() < MIN) {
            return null;
        }
        ByteBuffer buffer = data.asByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
        int length = buffer.limit();
        CRC32C crc = new CRC32C();
        crc.update(buffer.duplicate().limit(length - 4));
        if ((int) crc.getValue() != buffer.getInt(length - 4) || buffer.getInt(28) != length) {
            return null;
        }
        return new Header(buffer.getLong(0), buffer.getLong(8), buffer.getLong(SEQUENCE), buffer.getInt(24));
    }
}
