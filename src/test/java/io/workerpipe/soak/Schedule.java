package io.workerpipe.soak;

import io.workerpipe.soak.Fault.Kind;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;

/** The faults of a round: a function of the seed and the round's number, and of nothing else. */
final class Schedule {
    /** Each such round has lies and no deaths, so that all other rounds can be exact to the alert. */
    private static final int LIE_ROUNDS = 5;

    private final long seed;
    private final int workers;

    Schedule(long seed, int workers) {
        this.seed = seed;
        this.workers = workers;
    }

    /** The first so many live through it all: what survivors hold of the dead shows in them. */
    int elders() {
        return Math.min(2, workers - 1);
    }

    boolean hasLies(int round) {
        return round % LIE_ROUNDS == 2;
    }

    /** In the order of their times. */
    List<Fault> of(int round, long millis) {
        List<Fault> faults = new ArrayList<>();
        if (hasLies(round)) {
            add(faults, round, millis, Kind.LIE, 50, 0, Integer.MAX_VALUE);
            add(faults, round, millis, Kind.GUEST, 5_000, 50, 500);
        } else {
            add(faults, round, millis, Kind.KILL, 1_000, 0, 1);
            add(faults, round, millis, Kind.KILL_TWICE, 8_000, 0, 700);
            add(faults, round, millis, Kind.STOP, 4_000, 200, 4_000);
            add(faults, round, millis, Kind.STOP_AND_KILL, 10_000, 100, 1_500);
            add(faults, round, millis, Kind.REJOIN, 5_000, 0, 1);
            add(faults, round, millis, Kind.GUEST, 12_000, 50, 500);
            add(faults, round, millis, Kind.GUEST_KILLED, 15_000, 5_000, 50_000);
        }
        add(faults, round, millis, Kind.COLLECT, 8_000, 8, 40);
        add(faults, round, millis, Kind.NAP, 3_000, 50, 2_000);
        if (!hasLies(round)) {
            add(faults, round, millis, Kind.FLOOD, 6_000, 5_000, 40_000);
        }
        faults.sort(Comparator.comparingLong(Fault::millis));
        return faults;
    }

    /** As many as come at random, one in so many milliseconds on average. */
    private void add(List<Fault> faults, int round, long millis, Kind kind, int mean, int least, int most) {
        SplittableRandom random = new SplittableRandom(seed * 31 + round * 1_000_003L + kind.ordinal() * 7_919L);
        int first = kind.kills() ? elders() : 0;
        for (long at = gap(random, mean); at < millis; at += gap(random, mean)) {
            faults.add(new Fault(at, kind, random.nextInt(first, workers), random.nextInt(least, most)));
        }
    }

    private static long gap(SplittableRandom random, int mean) {
        return 1 + (long) (-Math.log(1 - random.nextDouble()) * mean);
    }
}
