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
import org.openjdk.jcstress.infra.results.IIII_Result;

import io.workerpipe.roster.Counter;

/**
 * A receiver is given up while somebody sends to it: each accepted alert is written or counted as lost, once, and all
 * chunks go back to the pool.
 */
@JCStressTest
@Outcome(id = {"0, 0, 0, 0", "1, 1, 0, 0", "2, 2, 0, 0",
        "3, 3, 0, 0"}, expect = ACCEPTABLE, desc = "written or counted")
@Outcome(expect = FORBIDDEN, desc = "neither written nor counted, or twice, or never closed, or a chunk lost")
@State
public class DiscardRace {
    private static final byte[][] ALERTS = {Intake.data(1, 0, 10), Intake.data(1, 1, 70_000), Intake.data(1, 2, 100)};

    private static final long LIMIT = TimeUnit.SECONDS.toNanos(5);

    private final PagePool own = new PagePool(1 << 20);
    private final Line line = Track.line(own, 4096);
    private int accepted;

    @Actor
    public void sender() {
        for (byte[] data : ALERTS) {
            accepted += line.offer(data) == Outbox.Offer.ACCEPTED ? 1 : 0;
        }
    }

    @Actor
    public void closer() {
        line.outbox.discard();
    }

    @Arbiter
    public void look(IIII_Result result) {
        boolean all = line.awaitClosed();
        long written = line.counters.get(Counter.ALERTS_OUT);
        long lost = line.counters.get(Counter.LOST_WITH_PEER);
        result.r1 = accepted;
        result.r2 = (int) (written + lost);
        result.r3 = all ? 0 : -1;
        long end = System.nanoTime() + LIMIT;
        while (own.taken() != 0 && System.nanoTime() < end) {
            LockSupport.parkNanos(10_000);
        }
        result.r4 = own.taken();
        line.close();
    }
}
