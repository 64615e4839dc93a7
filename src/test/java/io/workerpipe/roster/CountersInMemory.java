package io.workerpipe.roster;

import java.lang.foreign.MemorySegment;

/** Counters of nobody's slot, for tests without a roster. */
public final class CountersInMemory {
    private CountersInMemory() {}

    /** All zero. */
    public static Counters create() {
        return new Counters(MemorySegment.ofArray(new long[RosterLayout.SLOT / Long.BYTES]));
    }
}
