package io.workerpipe.bench.storm;

import io.workerpipe.bench.process.Counted;

/**
 * What a worker has counted, at a moment of its own clock. One line of text between processes.
 *
 * @param received alerts that its handler got
 * @param retired  of these, those that it did not send on, since the storm was being stopped
 * @param tokens   sum of the tokens of the retired ones
 * @param wrong    of the received ones, those with a wrong byte or length
 * @param refused  of those to be sent on, those that were refused
 * @param unwanted what the library itself counted and must be zero here: discarded alerts, skipped bytes and the like
 */
record Snapshot(long nanoTime, long received, long retired, long tokens, long wrong, long refused, long unwanted)
        implements
            Counted {
    static final Snapshot NONE = new Snapshot(0, 0, 0, 0, 0, 0, 0);

    @Override
    public long alerts() {
        return received;
    }

    /** Times make no sum: 0. */
    Snapshot plus(Snapshot other) {
        return new Snapshot(0, received + other.received, retired + other.retired, tokens + other.tokens,
                wrong + other.wrong, refused + other.refused, unwanted + other.unwanted);
    }

    String line() {
        return nanoTime + " " + received + " " + retired + " " + tokens + " " + wrong + " " + refused + " " + unwanted;
    }

    static Snapshot parse(String line) {
        String[] fields = line.split(" ");
        long[] values = new long[7];
        for (int i = 0; i < values.length; i++) {
            values[i] = Long.parseLong(fields[i]);
        }
        return new Snapshot(values[0], values[1], values[2], values[3], values[4], values[5], values[6]);
    }
}
