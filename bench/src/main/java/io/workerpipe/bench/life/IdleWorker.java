package io.workerpipe.bench.life;

import io.workerpipe.Ipc;

/** Joins, or does not, and waits for a line on standard input. */
public final class IdleWorker {
    private IdleWorker() {}

    /** @param arguments whether to join */
    public static void main(String[] arguments) throws Exception {
        Ipc ipc = Boolean.parseBoolean(arguments[0]) ? Ipc.join("idle") : null;
        System.out.println("ready");
        int said = System.in.read();
        if (ipc != null) {
            ipc.close();
        }
        System.exit(said >= 0 ? 0 : 1);
    }
}
