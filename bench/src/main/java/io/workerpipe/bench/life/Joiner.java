package io.workerpipe.bench.life;

import io.workerpipe.Ipc;
import java.util.Arrays;

/** Joins, leaves, joins again, and prints how many nanoseconds the first time took, and the median of the later ones. */
public final class Joiner {
    private static final int TIMES = 50;
    private static final int WARM = 20;

    private Joiner() {}

    /** @param arguments none */
    public static void main(String[] arguments) {
        // Nothing of the library has been touched before.
        long first = join();
        long[] later = new long[TIMES];
        for (int i = 0; i < TIMES; i++) {
            later[i] = join();
        }
        long[] warm = Arrays.copyOfRange(later, WARM, TIMES);
        Arrays.sort(warm);
        System.out.println(first + " " + warm[warm.length / 2]);
    }

    private static long join() {
        long start = System.nanoTime();
        Ipc ipc = Ipc.join("join");
        long time = System.nanoTime() - start;
        ipc.close();
        return time;
    }
}
