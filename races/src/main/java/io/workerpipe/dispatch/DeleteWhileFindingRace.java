package io.workerpipe.dispatch;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.IIII_Result;

/** Once a handler was not found it is not found again, though it was the last one found before it was deleted. */
@JCStressTest
@Outcome(id = {"7, 7, 7, 0", "7, 0, 7, 0", "0, 0, 7, 0"}, expect = ACCEPTABLE, desc = "deleted for good")
@Outcome(expect = FORBIDDEN, desc = "it came back, or another one was lost")
@State
public class DeleteWhileFindingRace {
    private final HandlerRegistry<Integer> registry = Names.registry();

    @Actor
    public void deleter() {
        registry.put(Names.STAYING, null);
    }

    @Actor
    public void finder(IIII_Result result) {
        result.r1 = Names.find(registry, Names.STAYING);
        result.r2 = Names.find(registry, Names.STAYING);
        result.r3 = Names.find(registry, Names.OTHER);
    }

    @Arbiter
    public void look(IIII_Result result) {
        result.r4 = Names.find(registry, Names.STAYING);
    }
}
