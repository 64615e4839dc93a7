package io.workerpipe.bench;

import java.util.concurrent.atomic.AtomicLongArray;

/**
 * How far apart two processors are: how long a word of memory takes from a thread to another one and back. On a virtual
 * machine the host moves them: beside each other today, on two chips in a minute, and then all that is handed from one to
 * the other costs several times as much.
 */
final class Distance {
    private static final int ROUND_TRIPS = 50_000;
    private static final int TRIES = 3;
    /** Alone in its cache line, and in those that the processor fetches beside it. */
    private static final int WORD = 32;

    private long least = Long.MAX_VALUE;
    private long most;

    /** Measures, and keeps the least and the most; the nanoseconds of a round trip, 0 where there is but one processor. */
    long measure() throws InterruptedException {
        if (Runtime.getRuntime().availableProcessors() == 1) {
            return 0;
        }
        long best = Long.MAX_VALUE;
        // The first one is not compiled yet.
        for (int i = 0; i < TRIES; i++) {
            best = Math.min(best, roundTrip());
        }
        least = Math.min(least, best);
        most = Math.max(most, best);
        return best;
    }

    private static long roundTrip() throws InterruptedException {
        AtomicLongArray memory = new AtomicLongArray(2 * WORD);
        Thread other = Thread.ofPlatform().daemon().start(() -> {
            for (long i = 1; i < 2 * ROUND_TRIPS; i += 2) {
                pass(memory, i);
            }
        });
        long start = System.nanoTime();
        for (long i = 0; i < 2 * ROUND_TRIPS; i += 2) {
            pass(memory, i);
        }
        other.join();
        return (System.nanoTime() - start) / ROUND_TRIPS;
    }

    /** Waits for a number, and makes it the next one. */
    private static void pass(AtomicLongArray memory, long number) {
        while (memory.get(WORD) != number) {
            Thread.onSpinWait();
        }
        memory.set(WORD, number + 1);
    }

    /** For the report. */
    String text() {
        return most == 0 ? "not measured" : least + " to " + most + " ns at the beginnings of the rounds";
    }
}
