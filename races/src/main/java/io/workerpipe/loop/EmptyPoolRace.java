package io.workerpipe.loop;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/**
 * A claim fails for want of chunks after it has attached some, beside another one that succeeds: what was attached in vain
 * goes back though nobody sends any more.
 */
@JCStressTest
@Outcome(id = "0, 0, 0", expect = ACCEPTABLE, desc = "all accepted came, and all chunks went back")
@Outcome(expect = FORBIDDEN, desc = "something stayed, is not what was sent, or is held by an idle outbox")
@State
public class EmptyPoolRace {
    private static final byte[] LARGE = Intake.data(1, 0, 170_000);
    private static final byte[][] SMALL = {Intake.data(2, 0, 20_000), Intake.data(2, 1, 20_000),
            Intake.data(2, 2, 20_000)};
    private static final long LIMIT = TimeUnit.SECONDS.toNanos(5);

    private final PagePool own = new PagePool(3 * Chunk.BYTES);
    private final Line line = Track.line(own, 0);
    private int large;
    private int small;

    @Actor
    public void large() {
        large = line.offer(LARGE) == Outbox.Offer.ACCEPTED ? 1 : 0;
    }

    @Actor
    public void small() {
        for (byte[] data : SMALL) {
            if (line.offer(data) != Outbox.Offer.ACCEPTED) {
                return;
            }
            small++;
        }
    }

    @Arbiter
    public void look(III_Result result) {
        Intake intake = Track.intake();
        boolean all = line.readAll(intake);
        long end = System.nanoTime() + LIMIT;
        while (own.taken() != 0 && System.nanoTime() < end) {
            LockSupport.parkNanos(10_000);
        }
        result.r1 = (int) intake.alerts() - large - small;
        result.r2 = Track.faults(intake, all);
        result.r3 = own.taken();
        line.close();
    }
}
