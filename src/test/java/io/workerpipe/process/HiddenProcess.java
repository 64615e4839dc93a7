package io.workerpipe.process;

import io.workerpipe.linux.Proc;
import io.workerpipe.linux.ProcessId;
import io.workerpipe.roster.Entry;
import io.workerpipe.roster.State;
import java.io.IOException;

/** Looks, as an ordinary user, at a worker that /proc does not show, until it is gone. */
final class HiddenProcess {
    private HiddenProcess() {}

    /** PID:START of the worker's process */
    public static void main(String[] args) throws Exception {
        ProcessId process = ProcessId.parse(args[0]);
        Entry worker = new Entry(0, State.LIVE, process.pid(), process.startTime(), 1, -1, 0, -1, "");
        // Whose identity changes is not killed with its parent any more: the test's end is that of its input.
        Thread.ofPlatform().daemon().start(() -> {
            try {
                System.in.read();
            } catch (IOException e) {
                // The same.
            }
            Runtime.getRuntime().halt(1);
        });
        if (Proc.stat(process.pid()).isPresent()) {
            throw new AssertionError("/proc shows it");
        }
        System.out.println(ChildJvm.EVENT + (worker.isGone() ? "gone" : "there"));
        Await.until("gone", ChildJvm.LIMIT, worker::isGone);
        System.out.println(ChildJvm.EVENT + "gone");
    }
}
