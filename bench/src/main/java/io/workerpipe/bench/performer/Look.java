package io.workerpipe.bench.performer;

import java.util.List;

/**
 * What a process has counted, at a moment of its own clock. One line of text between processes.
 *
 * @param alerts    sent, or received
 * @param wrong     of the received ones, those out of order, or with a wrong byte or length
 * @param allocated bytes of Java heap that the sending threads, or the receiving one, have allocated so far
 */
public record Look(long nanoTime, long alerts, long wrong, long allocated) {
    /** Alerts a second of several processes together, each by its own clock: they do not look at the same moment. */
    public static double rate(List<Look> before, List<Look> after) {
        double rate = 0;
        for (int i = 0; i < before.size(); i++) {
            rate += (after.get(i).alerts - before.get(i).alerts) * 1e9
                    / (after.get(i).nanoTime - before.get(i).nanoTime);
        }
        return rate;
    }

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
