package io.workerpipe.supervise;

import io.workerpipe.linux.Proc;
import io.workerpipe.linux.ProcessId;
import java.io.IOException;
import java.util.Optional;

/** A process that a worker's process has started, and that goes with it. */
record Relative(ProcessHandle handle, ProcessId id) {
    static Optional<Relative> of(ProcessHandle handle) {
        int pid = (int) handle.pid();
        try {
            // If it still lives, it was not another process with its number that was looked at.
            return Proc.stat(pid).map(stat -> new Relative(handle, new ProcessId(pid, stat.startTime())))
                    .filter(seen -> handle.isAlive());
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /** A zombie is not: whoever should ask for its exit status may never do it. */
    boolean isAlive() {
        try {
            return id.isAlive();
        } catch (IOException e) {
            return handle.isAlive();
        }
    }
}
