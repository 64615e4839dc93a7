package io.workerpipe.bench.process;

import java.util.List;

/** What a process has counted, at a moment of its own clock. */
public interface Counted {
    /** {@link System#nanoTime} of the moment. */
    long nanoTime();

    /** Those that it has sent, or received, so far. */
    long alerts();

    /** Alerts a second of several processes together, each by its own clock: they do not look at the same moment. */
    static double rate(List<? extends Counted> before, List<? extends Counted> after) {
        double rate = 0;
        for (int i = 0; i < before.size(); i++) {
            rate += (after.get(i).alerts() - before.get(i).alerts()) * 1e9
                    / (after.get(i).nanoTime() - before.get(i).nanoTime());
        }
        return rate;
    }
}
