package io.workerpipe.loop;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.IIII_Result;

/** Closing is once and for all: what was accepted before is written, after it nothing is, and the pipe is closed. */
@JCStressTest
@Outcome(id = {"0, 0, 0, 0", "1, 1, 0, 0", "2, 2, 0, 0"}, expect = ACCEPTABLE, desc = "what was accepted came")
@Outcome(expect = FORBIDDEN, desc = "accepted and not written, or a claim after closing, or never closed")
@State
public class FinishRace {
    private static final byte[][] ALERTS = {Intake.data(1, 0, 10), Intake.data(1, 1, 5000)};

    private final Line line = Track.line(0);
    private int accepted;

    @Actor
    public void sender() {
        for (byte[] data : ALERTS) {
            accepted += line.offer(data) == Outbox.Offer.ACCEPTED ? 1 : 0;
        }
    }

    @Actor
    public void closer() {
        line.outbox.finish();
    }

    @Arbiter
    public void look(IIII_Result result) {
        boolean late = line.offer(ALERTS[0]) != Outbox.Offer.CLOSED;
        Intake intake = Track.intake();
        boolean all = line.readAll(intake) && line.awaitClosed();
        result.r1 = accepted;
        result.r2 = (int) intake.alerts();
        result.r3 = Track.faults(intake, all);
        result.r4 = late ? 1 : 0;
        line.close();
    }
}
