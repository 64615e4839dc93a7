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
 * The pipe holds one page: whoever flushes meets a full one and hands the right over to the writer thread, which waits
 * for room while somebody reads and others send on.
 */
@JCStressTest
@Outcome(id = "6, 0", expect = ACCEPTABLE, desc = "all came, whole and in order")
@Outcome(expect = FORBIDDEN, desc = "something stayed, or is not what was sent")
@State
public class FullPipeRace {
    private static final byte[][] ALERTS = {Intake.data(1, 0, 3000), Intake.data(1, 1, 3000), Intake.data(1, 2, 9000),
            Intake.data(1, 3, 10), Intake.data(1, 4, 3000), Intake.data(1, 5, 3000)};

    private final Line line = Track.line(4096);
    private final Intake intake = new Intake(8192);

    @Actor
    public void sender() {
        for (byte[] data : ALERTS) {
            line.offer(data);
        }
    }

    @Actor
    public void reader() {
        for (int i = 0; i < 6; i++) {
            intake.read(line.pipe.readEnd());
        }
    }

    @Arbiter
    public void look(II_Result result) {
        boolean all = line.readAll(intake);
        result.r1 = (int) intake.alerts();
        result.r2 = Track.faults(intake, all);
        line.close();
    }
}
