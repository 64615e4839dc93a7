package io.workerpipe.bench.performer;

import io.workerpipe.bench.process.Counted;

/**
 * What a process has counted, at a moment of its own clock. One line of text between processes.
 *
 * @param alerts    sent, or received
 * @param wrong     of the received ones, those out of order, or with a wrong byte or length
 * @param allocated bytes of Java heap that the sending threads, or the receiving one, have allocated so far
 */
public record Look(long nanoTime, long alerts, long wrong, long allocated) implements Counted {
    /** As text. */
    public String line() {
        return nanoTime + " " + alerts + " " + wrong + " " + allocated;
    }

    /** The opposite of {@link #line}. */
    public static Look parse(String line) {
        String[] fields = line.split(" ");
        return new Look(Long.parseLong(fields[0]), Long.parseLong(fields[1]), Long.parseLong(fields[2]),
                Long.parseLong(fields[3]));
    }
}
