package io.workerpipe;

import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;

/** Text as data. */
final class Bytes {
    private Bytes() {}

    static MemorySegment utf8(String text) {
        return MemorySegment.ofArray(text.getBytes(StandardCharsets.UTF_8));
    }
}
