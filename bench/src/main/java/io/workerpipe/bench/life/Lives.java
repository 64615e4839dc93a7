package io.workerpipe.bench.life;

import io.workerpipe.bench.Contest;
import java.util.List;

/** Both cases. */
public final class Lives {
    private Lives() {}

    /** The cases. */
    public static List<Contest> contests() {
        return List.of(Idle.contest(), Join.contest());
    }
}
