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
 * The right to flush is handed on by a count: whatever two senders do, when both have returned all is written. Control
 * packets are flushed at once, without the guesses about bursts.
 */
@JCStressTest
@Outcome(id = "4, 0", expect = ACCEPTABLE, desc = "all written when both have returned")
@Outcome(expect = FORBIDDEN, desc = "something stayed, or is not what was sent")
@State
public class FlushRightRace {
    private static final byte KIND = 99;

    private final Line line = Track.line(0);

    private void send() {
        line.outbox.offerControl(KIND);
        line.outbox.offerControl(KIND);
    }

    @Actor
    public void first() {
        send();
    }

    @Actor
    public void second() {
        send();
    }

    @Arbiter
    public void look(II_Result result) {
        boolean all = line.outbox.drained();
        Intake intake = Track.intake();
        line.readAll(intake);
        result.r1 = (int) intake.alerts();
        result.r2 = Track.faults(intake, all);
        line.close();
    }
}
