package io.workerpipe.soak;

import io.workerpipe.roster.Entry;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.SplittableRandom;

/** What somebody of the same user might write into an inbox: bytes that are no packet, and packets that lie. */
final class Lies {
    /** One atomic write. */
    private static final int MOST = 4096;
    private static final int HEADER = 16;
    private static final byte[] NAME = "lie".getBytes(StandardCharsets.US_ASCII);

    private final SplittableRandom random;
    private final List<Entry> members;

    /** @param members in whose name it lies */
    Lies(int seed, List<Entry> members) {
        this.random = new SplittableRandom(seed);
        this.members = members;
    }

    /** Writes one into an inbox, as a process that has found it under /proc. */
    static void write(Entry victim, byte[] lie) throws IOException {
        try (FileChannel inbox = FileChannel.open(Path.of("/proc/" + victim.pid() + "/fd/" + victim.inboxFd()),
                StandardOpenOption.WRITE)) {
            inbox.write(ByteBuffer.wrap(lie));
        }
    }

    byte[] next() {
        return switch (random.nextInt(8)) {
            case 0 -> noise(1 + random.nextInt(MOST));
            case 1 -> packet(random.nextLong(1L << 32), random.nextInt(1 << 16), random.nextInt(256),
                    (char) random.nextInt(256), random.nextInt(256), random.nextInt(MOST - HEADER));
            // A body that is not there, or is longer than it says.
            case 2 -> packet(4080, 4080, NAME.length, '$', 0, random.nextInt(200));
            case 3 -> packet(10, 10, NAME.length, '$', 0, random.nextInt(MOST - HEADER));
            // 4 GiB that never come.
            case 4 -> packet(0xFFFF_FFFFL, 4080, NAME.length, '>', 0, 4080);
            case 5 -> packet(50_000, 1_000, NAME.length, '+', 0, 1_000);
            // The name is longer than all of it.
            case 6 -> packet(20, 20, 254, '$', 0, 20);
            default -> nested();
        };
    }

    private byte[] noise(int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return bytes;
    }

    private byte[] packet(long total, int body, int nameLength, char control, int flags, int length) {
        Entry sender = members.get(random.nextInt(members.size()));
        byte[] bytes = noise(HEADER + length);
        ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putInt(sender.pid())
                .putInt((int) total).putShort((short) sender.slot()).putShort((short) body).put((byte) nameLength)
                .put((byte) control).put((byte) flags).put((byte) 0);
        buffer.put(NAME, 0, Math.min(NAME.length, length));
        return bytes;
    }

    /** Data full of packets, cut in the middle of the last one. */
    private byte[] nested() {
        byte[] inner = packet(100, 100, NAME.length, '$', 0, 100);
        byte[] outer = packet(2_000, 2_000, NAME.length, '$', 0, 2_000);
        for (int at = 100; at + inner.length < outer.length; at += inner.length) {
            System.arraycopy(inner, 0, outer, at, inner.length);
        }
        return java.util.Arrays.copyOf(outer, HEADER + 100 + random.nextInt(outer.length - HEADER - 100));
    }
}
