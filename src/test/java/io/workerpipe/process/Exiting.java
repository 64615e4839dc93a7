package io.workerpipe.process;

import io.workerpipe.Ipc;
import java.lang.foreign.Arena;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;

/** A member that calls System.exit where that is awkward. */
final class Exiting {
    static final int CODE = 42;

    /** Longer than a test lasts, where leaving must not wait for it. */
    private static final Duration LONG = Duration.ofSeconds(600);
    /** Where it cannot know better than to wait. */
    private static final Duration SHORT = Duration.ofSeconds(1);

    private Exiting() {}

    /** GROUP handler|handler-after-close|stage|executor|thread-of-handler */
    public static void main(String[] args) throws Exception {
        String where = args[1];
        boolean known = where.startsWith("handler");
        Ipc.Builder builder = Ipc.builder(args[0]).closeLimit(known || where.equals("executor") ? LONG : SHORT);
        if (where.equals("executor")) {
            builder.handlerExecutor(Executors.newCachedThreadPool());
        }
        Ipc ipc = builder.join();
        ipc.receive("n", alert -> {
            switch (where) {
                case "handler-after-close" -> {
                    ipc.close();
                    exit();
                }
                case "thread-of-handler" -> Thread.ofPlatform().start(Exiting::exit).join();
                default -> exit();
            }
        });
        long self = ipc.self().pid();
        if (where.equals("stage")) {
            ipc.lend(self, "unknown", Arena.global().allocate(10 << 20)).thenRun(Exiting::exit);
        } else {
            ipc.send(self, "n", "");
        }
        new CountDownLatch(1).await();
    }

    private static void exit() {
        System.out.println(ChildJvm.EVENT + "exits");
        System.out.flush();
        System.exit(CODE);
    }
}
