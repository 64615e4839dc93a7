package io.workerpipe.loop;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/**
 * Alerts that take chunks: two threads attach them for the same part of the stream, one of them in vain, while chunks
 * that have been written go back to the pool. No alert is touched, and an idle outbox holds none.
 */
@JCStressTest
@Outcome(id = "4, 0, 0", expect = ACCEPTABLE, desc = "all came, and all chunks went back")
@Outcome(expect = FORBIDDEN, desc = "something stayed, is not what was sent, or is held by an idle outbox")
@State
public class ChunkWindowRace {
    private static final byte[][] FIRST = {Intake.data(1, 0, 60_000), Intake.data(1, 1, 70_000)};
    private static final byte[][] SECOND = {Intake.data(2, 0, 64_000), Intake.data(2, 1, 5)};

    private final PagePool own = new PagePool(1 << 20);
    private final Line line = Track.line(own, 0);

    @Actor
    public void first() {
        line.offer(FIRST[0]);
        line.offer(FIRST[1]);
    }

    @Actor
    public void second() {
        line.offer(SECOND[0]);
        line.offer(SECOND[1]);
    }

    @Arbiter
    public void look(III_Result result) {
        Intake intake = Track.intake();
        boolean all = line.readAll(intake);
        result.r1 = (int) intake.alerts();
        result.r2 = Track.faults(intake, all);
        line.close();
        result.r3 = own.taken();
    }
}
