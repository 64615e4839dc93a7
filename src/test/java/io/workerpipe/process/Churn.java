package io.workerpipe.process;

import io.workerpipe.Ipc;
import io.workerpipe.NoSuchWorkerException;
import io.workerpipe.Worker;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

/** Joins, sends to all others and leaves, again and again; says how many alerts it sent and got. */
final class Churn {
    private Churn() {}

    /** GROUP TIMES */
    public static void main(String[] args) {
        AtomicLong got = new AtomicLong();
        long sent = 0;
        for (int i = 0; i < Integer.parseInt(args[1]); i++) {
            try (Ipc ipc = Ipc.builder(args[0]).closeLimit(Duration.ofSeconds(600))
                    .receive("n", alert -> got.incrementAndGet()).join()) {
                for (Worker worker : ipc.workers()) {
                    try {
                        ipc.send(worker, "n", "");
                        sent++;
                    } catch (NoSuchWorkerException e) {
                        // It has begun to leave.
                    }
                }
            }
        }
        System.out.println(ChildJvm.EVENT + "churned " + sent + " " + got);
    }
}
