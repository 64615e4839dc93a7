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

/**
 * One thread opens a page for two receivers while another sends to both, and then broadcasts into that page if it can: its
 * broadcast must not overtake what it has sent.
 */
@JCStressTest
@Outcome(id = "3, 0, 3, 0", expect = ACCEPTABLE, desc = "all came to both, whole and in order")
@Outcome(expect = FORBIDDEN, desc = "something was overtaken, stayed, or is not what was sent")
@State
public class SharedPageOrderRace {
    /** For the page, which is most often not there yet. */
    private static final int MOST_LOOKS = 10_000;
    private static final byte[] OPENERS = Intake.data(1, 0, 10);
    private static final byte[][] SENDERS = {Intake.data(2, 0, 10), Intake.data(2, 1, 10)};

    private final List<Line> lines = List.of(Track.line(0), Track.line(0));
    private volatile SharedPage page;

    @Actor
    public void opener() {
        SharedPage fresh = Track.open(lines);
        page = fresh;
        Track.broadcast(fresh, lines, OPENERS);
    }

    @Actor
    public void sender() {
        lines.forEach(line -> line.offer(SENDERS[0]));
        SharedPage seen = page;
        for (int look = 0; seen == null && look < MOST_LOOKS; look++) {
            Thread.onSpinWait();
            seen = page;
        }
        Track.broadcast(seen, lines, SENDERS[1]);
    }

    @Arbiter
    public void look(IIII_Result result) {
        Track.readBoth(lines, result);
    }
}
