package io.workerpipe.loop;

import java.lang.foreign.MemorySegment;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** Who sees that bytes are published sees these bytes; here the owner of the chunk publishes, with less than a full fence. */
@JCStressTest
@Outcome(id = {"0, 0", "0, 1", "500, 1"}, expect = ACCEPTABLE, desc = "what is counted is there")
@Outcome(expect = FORBIDDEN, desc = "counted, but not there")
@State
public class ChunkPublishRace {
    private final Chunk chunk = new Chunk(0, MemorySegment.NULL);
    private int byOwner;

    @Actor
    public void owner() {
        chunk.ownedBy(Thread.currentThread(), true);
        byOwner = 1;
        chunk.publish(7, 500, 1);
    }

    @Actor
    public void reader(II_Result result) {
        result.r1 = Chunk.bytes(chunk.published(7));
        result.r2 = byOwner;
    }
}
