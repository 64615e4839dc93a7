package io.workerpipe.linux;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/**
 * A descriptor is closed by two threads, one of which has just used it: it is closed once, after the call, and its number
 * is never used again, though the kernel gives it to the next file at once.
 */
@JCStressTest
@Outcome(id = {"16, 1, 1", "-9, 1, 1"}, expect = ACCEPTABLE, desc = "written or refused; the next file stays open")
@Outcome(expect = FORBIDDEN, desc = "used or closed after it was closed")
@State
public class CloseRace {
    private static final MemorySegment BYTES = Arena.global().allocate(16);

    private final Fd fd = Files.open();
    private Fd next;

    @Actor
    public void user(III_Result result) {
        result.r1 = fd.write(Files.CALLS.get(), BYTES, 0, 16);
        fd.close();
    }

    @Actor
    public void closer() {
        fd.close();
        // As a rule it gets the number that was just given back.
        next = Files.open();
    }

    @Arbiter
    public void look(III_Result result) {
        result.r2 = fd.isOpen() || fd.write(Files.CALLS.get(), BYTES, 0, 16) != -Errno.EBADF ? 0 : 1;
        result.r3 = Files.isOpen(next) ? 1 : 0;
        next.close();
    }
}
