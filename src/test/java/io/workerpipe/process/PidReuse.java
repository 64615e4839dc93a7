package io.workerpipe.process;

import io.workerpipe.Alert;
import io.workerpipe.Ipc;
import io.workerpipe.NoSuchWorkerException;
import io.workerpipe.Worker;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * A worker dies, and its process id becomes another process's, then another worker's of the same slot: in a pid namespace
 * of their own, whose next number can be chosen. What is not as it should be ends it with an exception.
 */
final class PidReuse {
    private static final Path LAST_PID = Path.of("/proc/sys/kernel/ns_last_pid");
    private static final int TRIES = 1_000;

    private final BlockingQueue<Alert> hellos = new LinkedBlockingQueue<>();
    private final BlockingQueue<String> got = new LinkedBlockingQueue<>();
    private final List<Process> started = new ArrayList<>();

    private PidReuse() {}

    /** GROUP scene|worker */
    public static void main(String[] args) throws Exception {
        if (args[1].equals("worker")) {
            work(args[0]);
            return;
        }
        PidReuse scene = new PidReuse();
        try {
            scene.play(args[0]);
        } finally {
            scene.started.forEach(Process::destroyForcibly);
        }
    }

    /** Says hello, and what it gets, until its input ends. */
    private static void work(String group) throws IOException {
        try (Ipc ipc = Ipc.builder(group).receive("n", alert -> alert.reply("got", alert.text())).join()) {
            ipc.broadcastToOthers("hello", "");
            System.in.read();
        }
    }

    private void play(String group) throws Exception {
        try (Ipc ipc = Ipc.builder(group).receive("hello", alert -> hellos.add(alert.copy()))
                .receive("got", alert -> got.add(alert.text())).join()) {
            Process first = start(worker(group));
            int pid = (int) first.pid();
            Alert hello = hello();
            Worker old = hello.sender();
            require(old.pid() == pid && old.incarnation() > 0, "the sender is " + old);
            kill(first);

            Process stranger = startWith(pid, List.of("sleep", "1000"));
            Await.until("seen as dead", ChildJvm.LIMIT, () -> ipc.workers().size() == 1, ipc::workers);
            refused(() -> ipc.send(old, "n", "to a stranger"));
            refused(() -> ipc.send(pid, "n", "to a stranger"));
            refused(() -> hello.reply("n", "to a stranger"));
            say("a stranger gets nothing");
            kill(stranger);

            Process second = startWith(pid, worker(group));
            Alert again = hello();
            Worker now = again.sender();
            require(now.pid() == pid && now.slot() == old.slot() && now.incarnation() != old.incarnation(),
                    "the successor is " + now + " in slot " + now.slot());
            refused(() -> ipc.send(old, "n", "to its successor"));
            refused(() -> hello.reply("n", "to its successor"));
            require(hello.sender().incarnation() == 0, "the dead one is taken for " + hello.sender());
            ipc.send(now, "n", "by worker");
            ipc.send(pid, "n", "by pid");
            again.reply("n", "by reply");
            for (String expected : List.of("by worker", "by pid", "by reply")) {
                String next = got.poll(ChildJvm.LIMIT.toSeconds(), TimeUnit.SECONDS);
                require(expected.equals(next), "the successor got " + next + " instead of " + expected);
            }
            say("a successor gets only what is its own");
            second.outputWriter().close();
            second.waitFor();
        }
        say("left");
    }

    private Alert hello() throws InterruptedException {
        Alert hello = hellos.poll(ChildJvm.LIMIT.toSeconds(), TimeUnit.SECONDS);
        require(hello != null, "nobody says hello");
        return hello;
    }

    private static List<String> worker(String group) {
        return List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1", "--enable-native-access=ALL-UNNAMED", "-cp",
                System.getProperty("java.class.path"), PidReuse.class.getName(), group, "worker");
    }

    private Process start(List<String> command) throws IOException {
        Process process = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
        started.add(process);
        return process;
    }

    /** A thread may take the number that was meant: then once more. */
    private Process startWith(int pid, List<String> command) throws Exception {
        for (int tries = 0; tries < TRIES; tries++) {
            Files.writeString(LAST_PID, Integer.toString(pid - 1));
            Process process = start(command);
            if (process.pid() == pid) {
                return process;
            }
            kill(process);
        }
        throw new AssertionError("no process got the number " + pid);
    }

    private static void kill(Process process) {
        process.destroyForcibly().onExit().join();
    }

    private static void refused(Runnable send) {
        try {
            send.run();
        } catch (NoSuchWorkerException e) {
            return;
        }
        throw new AssertionError("it was sent");
    }

    private static void require(boolean holds, String what) {
        if (!holds) {
            throw new AssertionError(what);
        }
    }

    private static void say(String what) {
        System.out.println(ChildJvm.EVENT + what);
        System.out.flush();
    }
}
