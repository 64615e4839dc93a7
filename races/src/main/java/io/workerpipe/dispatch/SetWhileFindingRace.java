package io.workerpipe.dispatch;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** A handler is set while alerts of its name and of another one come: the other is always found, and none comes back. */
@JCStressTest
@Outcome(id = {"0, 7", "1, 7"}, expect = ACCEPTABLE, desc = "none or the new one; the other one")
@Outcome(expect = FORBIDDEN, desc = "another name's handler, or a lost one")
@State
public class SetWhileFindingRace {
    private final HandlerRegistry<Integer> registry = Names.registry();

    @Actor
    public void setter() {
        registry.put(Names.CHANGING, 1);
    }

    @Actor
    public void finder(II_Result result) {
        result.r1 = Names.find(registry, Names.CHANGING);
        result.r2 = Names.find(registry, Names.STAYING);
    }
}
