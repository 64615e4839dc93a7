package io.workerpipe.loop;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import java.util.List;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.IIII_Result;

/** Two threads broadcast into a page to its end, and one of them seals it meanwhile: it is published once, and complete. */
@JCStressTest
@Outcome(id = "4, 0, 4, 0", expect = ACCEPTABLE, desc = "all came to both, whole and in order")
@Outcome(expect = FORBIDDEN, desc = "something came twice or not, or is not what was sent")
@State
public class SharedPageSealRace {
    private static final byte[][] FIRST = {Intake.data(1, 0, 1500), Intake.data(1, 1, 10)};
    private static final byte[][] SECOND = {Intake.data(2, 0, 1500), Intake.data(2, 1, 1010)};

    private final List<Line> lines = List.of(Track.line(0), Track.line(0));
    private final SharedPage page = Track.open(lines);

    private void send(byte[][] alerts) {
        for (byte[] data : alerts) {
            Track.broadcast(page, lines, data);
        }
    }

    @Actor
    public void first() {
        send(FIRST);
    }

    @Actor
    public void second() {
        send(SECOND);
        page.seal(true);
    }

    @Arbiter
    public void look(IIII_Result result) {
        Track.readBoth(lines, result);
    }
}
