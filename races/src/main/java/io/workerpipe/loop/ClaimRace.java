package io.workerpipe.loop;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/**
 * Two threads claim, encode and publish across the ends of pages, by the short path and by the long one, while whoever
 * has the right to flush writes: each byte has to be there, in the order of each thread. Nobody asks for a flush; the
 * writer thread writes what a burst left.
 */
@JCStressTest
@Outcome(id = "6, 0", expect = ACCEPTABLE, desc = "all came, whole and in order")
@Outcome(expect = FORBIDDEN, desc = "something stayed, or is not what was sent")
@State
public class ClaimRace {
    private static final byte[][] FIRST = {Intake.data(1, 0, 10), Intake.data(1, 1, 1500), Intake.data(1, 2, 4067)};
    private static final byte[][] SECOND = {Intake.data(2, 0, 1700), Intake.data(2, 1, 7000), Intake.data(2, 2, 26)};

    private final Line line = Track.line(0);

    private void send(byte[][] alerts) {
        for (byte[] data : alerts) {
            line.offer(data);
        }
    }

    @Actor
    public void first() {
        send(FIRST);
    }

    @Actor
    public void second() {
        send(SECOND);
    }

    @Arbiter
    public void look(II_Result result) {
        Intake intake = Track.intake();
        boolean all = line.readAll(intake);
        result.r1 = (int) intake.alerts();
        result.r2 = Track.faults(intake, all);
        line.close();
    }
}
