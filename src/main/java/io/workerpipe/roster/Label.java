package io.workerpipe.roster;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** What a worker calls itself, as bytes: for people to read, so one too long is cut, not refused. */
final class Label {
    private Label() {}

    /** At most 63 bytes of UTF-8, cut between two characters. */
    static byte[] encode(String label) {
        byte[] bytes = label.getBytes(StandardCharsets.UTF_8);
        if (bytes.length <= RosterLayout.LABEL_LENGTH) {
            return bytes;
        }
        int end = RosterLayout.LABEL_LENGTH;
        while (isContinuation(bytes[end])) {
            end--;
        }
        return Arrays.copyOf(bytes, end);
    }

    static String decode(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }

    private static boolean isContinuation(byte b) {
        return (b & 0xC0) == 0x80;
    }
}
