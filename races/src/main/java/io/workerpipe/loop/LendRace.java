package io.workerpipe.loop;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

import java.lang.foreign.MemorySegment;
import java.util.concurrent.CompletableFuture;

/** A lent alert takes its place in the stream while another thread sends: the writer thread takes the right to flush. */
@JCStressTest
@Outcome(id = "3, 0, 1", expect = ACCEPTABLE, desc = "all came, and the memory was given back")
@Outcome(expect = FORBIDDEN, desc = "something stayed, or is not what was sent, or the stage was not completed")
@State
public class LendRace {
    private static final byte[] NAME = {'x'};
    private static final MemorySegment LENT = MemorySegment.ofArray(Intake.data(1, 0, 9000));
    private static final byte[][] SENT = {Intake.data(2, 0, 10), Intake.data(2, 1, 5000)};

    private final Line line = Track.line(0);
    private final CompletableFuture<Void> done = new CompletableFuture<>();

    @Actor
    public void lender() {
        line.outbox.lend(NAME, LENT, done);
    }

    @Actor
    public void sender() {
        line.offer(SENT[0]);
        line.offer(SENT[1]);
    }

    @Arbiter
    public void look(III_Result result) {
        Intake intake = Track.intake();
        boolean all = line.readAll(intake);
        result.r1 = (int) intake.alerts();
        result.r2 = Track.faults(intake, all);
        line.close();
        result.r3 = Track.isDone(done) ? 1 : 0;
    }
}
