package io.workerpipe.dispatch;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** Several handlers are set at once: who finds one of them finds the others from then on. */
@JCStressTest
@Outcome(id = {"0, 0", "0, 2", "1, 2"}, expect = ACCEPTABLE, desc = "all or none")
@Outcome(expect = FORBIDDEN, desc = "a part of a change")
@State
public class SetSeveralRace {
    private static final Map<String, Integer> BOTH = Map.of("changing", 1, "changing too", 2);
    private static final byte[] TOO = "changing too".getBytes(StandardCharsets.UTF_8);

    private final HandlerRegistry<Integer> registry = Names.registry();

    @Actor
    public void setter() {
        registry.putAll(BOTH);
    }

    @Actor
    public void finder(II_Result result) {
        result.r1 = Names.find(registry, Names.CHANGING);
        result.r2 = Names.find(registry, TOO);
    }
}
