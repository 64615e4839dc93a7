package io.workerpipe.loop;

import java.lang.foreign.MemorySegment;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** The owner of a chunk counts without atomic additions, the others with them: nothing may be counted twice or not. */
@JCStressTest
@Outcome(id = "3000, 6", expect = ACCEPTABLE, desc = "all counted")
@Outcome(expect = FORBIDDEN, desc = "a count was lost")
@State
public class ChunkCountRace {
    private final Chunk chunk = new Chunk(0, MemorySegment.NULL);

    private void publish() {
        for (int i = 0; i < 3; i++) {
            chunk.publish(7, 500, 1);
        }
    }

    @Actor
    public void owner() {
        chunk.ownedBy(Thread.currentThread(), true);
        publish();
    }

    @Actor
    public void other() {
        publish();
    }

    @Arbiter
    public void look(II_Result result) {
        long published = chunk.published(7);
        result.r1 = Chunk.bytes(published);
        result.r2 = Chunk.alerts(published);
    }
}
