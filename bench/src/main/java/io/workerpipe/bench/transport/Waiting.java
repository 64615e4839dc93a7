package io.workerpipe.bench.transport;

import java.util.Locale;

/** What a receiver does while nothing comes. */
public enum Waiting {
    /** Sleeps in the kernel, if the system can. */
    BLOCK,
    /** Keeps a processor busy. */
    SPIN,
    /** What the system does if nothing is said. */
    DEFAULT;

    /** As on command lines. */
    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The opposite of {@link #text}. */
    public static Waiting parse(String text) {
        return valueOf(text.toUpperCase(Locale.ROOT));
    }
}
