package io.workerpipe;

import io.workerpipe.loop.Forced;

/** Lets tests in other packages force a branch of the fast path. */
public final class ForcedJoin {
    private ForcedJoin() {}

    /** Before joining. */
    public static Ipc.Builder force(Ipc.Builder builder, Forced forced) {
        return builder.fastPath(forced.path());
    }
}
