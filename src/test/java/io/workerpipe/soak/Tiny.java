package io.workerpipe.soak;

import io.workerpipe.process.Payload;
import java.lang.foreign.MemorySegment;

/** Alerts too short to say in their data what they are: the name says it, and what each byte of the data has to be. */
final class Tiny {
    private static final String MARK = "tiny ";

    private Tiny() {}

    static boolean fits(int length) {
        return length < Payload.MIN;
    }

    static String name(long sender, long receiver, long sequence, int senderPid, int length) {
        String name = MARK + Long.toHexString(sender) + " " + Long.toHexString(receiver) + " "
                + Long.toHexString(sequence) + " " + Integer.toHexString(senderPid) + " " + length;
        return name + " " + Integer.toHexString(name.hashCode());
    }

    static byte[] data(String name, int length) {
        byte[] data = new byte[length];
        int hash = name.hashCode();
        for (int i = 0; i < length; i++) {
            hash = hash * 1_664_525 + 1_013_904_223;
            data[i] = (byte) (hash >>> 24);
        }
        return data;
    }

    /** What it says of itself; null if it is none, or any byte of it is wrong. */
    static Payload.Header check(String name, MemorySegment data) {
        int hash = name.lastIndexOf(' ');
        if (!name.startsWith(MARK)
                || !Integer.toHexString(name.substring(0, hash).hashCode()).equals(name.substring(hash + 1))) {
            return null;
        }
        String[] words = name.split(" ");
        if (Integer.parseInt(words[5]) != data.byteSize() || MemorySegment.ofArray(data(name, (int) data.byteSize()))
                .mismatch(data) != -1) {
            return null;
        }
        return new Payload.Header(Long.parseUnsignedLong(words[1], 16), Long.parseUnsignedLong(words[2], 16),
                Long.parseUnsignedLong(words[3], 16), Integer.parseUnsignedInt(words[4], 16));
    }

    static boolean isTiny(String name) {
        return name.startsWith(MARK);
    }

}
