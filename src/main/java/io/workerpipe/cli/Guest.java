package io.workerpipe.cli;

import io.workerpipe.Ipc;
import java.time.Duration;

/** How the commands that only send take part. */
final class Guest {
    private Guest() {}

    static Ipc join(String group) {
        Logs.none();
        // Everything has been written, or given up, before it leaves.
        return Ipc.builder(group).guest().closeLimit(Duration.ofMillis(100)).join();
    }
}
