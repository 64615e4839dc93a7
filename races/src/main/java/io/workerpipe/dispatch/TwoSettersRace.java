package io.workerpipe.dispatch;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/** Two threads change the registry at once: neither change is lost. */
@JCStressTest
@Outcome(id = "1, 0, 7", expect = ACCEPTABLE, desc = "one set, one deleted, one left alone")
@Outcome(expect = FORBIDDEN, desc = "a change was lost")
@State
public class TwoSettersRace {
    private final HandlerRegistry<Integer> registry = Names.registry();

    @Actor
    public void setter() {
        registry.put(Names.CHANGING, 1);
    }

    @Actor
    public void deleter() {
        registry.put(Names.STAYING, null);
    }

    @Arbiter
    public void look(III_Result result) {
        result.r1 = Names.find(registry, Names.CHANGING);
        result.r2 = Names.find(registry, Names.STAYING);
        result.r3 = Names.find(registry, Names.OTHER);
    }
}
