package io.workerpipe.supervise;

import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/** The last lines of a worker's standard error: safe for any thread. */
final class LastWords {
    private static final int LINES = 10;
    private static final int LENGTH = 400;

    private final Deque<String> lines = new ArrayDeque<>();

    void add(byte[] line) {
        String text = new String(line, 0, Math.min(line.length, LENGTH), StandardCharsets.UTF_8);
        synchronized (lines) {
            lines.add(line.length > LENGTH ? text + " ..." : text);
            if (lines.size() > LINES) {
                lines.remove();
            }
        }
    }

    List<String> lines() {
        synchronized (lines) {
            return List.copyOf(lines);
        }
    }
}
