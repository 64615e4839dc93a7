package io.workerpipe.process;

import io.workerpipe.Alert;
import io.workerpipe.Ipc;
import io.workerpipe.NoSuchWorkerException;
import io.workerpipe.Worker;
import io.workerpipe.linux.Proc;
import io.workerpipe.roster.Entry;
import io.workerpipe.roster.State;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A worker dies, and its process id becomes another process's, then another worker's of the same slot: in a pid namespace
 * of their own, whose next number can be chosen. What is not as it should be ends it with an exception.
 */
final class PidReuse {
    private static final int TRIES = 1_000;
    private static final int STRANGERS = 200;

    private final BlockingQueue<Alert> hellos = new LinkedBlockingQueue<>();
    private final BlockingQueue<String> got = new LinkedBlockingQueue<>();
    /**
     * Starts and kills what has a chosen number. The JDK may take a process for an earlier one of the same number, and
     * never ask for its exit status.
     */
    private final Process shell;
    private final Writer commands;
    private final BufferedReader answers;

    private PidReuse() throws IOException {
        shell = new ProcessBuilder("sh", "-c", "while read -r line; do eval \"$line\"; done")
                .redirectError(ProcessBuilder.Redirect.INHERIT).start();
        commands = shell.outputWriter();
        answers = shell.inputReader();
    }

    /** GROUP scene|worker */
    public static void main(String[] args) throws Exception {
        if (args[1].equals("worker")) {
            work(args[0]);
            return;
        }
        // The first process of a pid namespace takes all others with it.
        new PidReuse().play(args[0]);
    }

    /** Says hello, and what it gets, until it is told to end. */
    private static void work(String group) throws Exception {
        CountDownLatch ended = new CountDownLatch(1);
        try (Ipc ipc = Ipc.builder(group).receive("n", alert -> alert.reply("got", alert.text()))
                .receive("end", alert -> ended.countDown()).join()) {
            ipc.broadcastToOthers("hello", "");
            ended.await();
        }
    }

    private void play(String group) throws Exception {
        try (Ipc ipc = Ipc.builder(group).receive("hello", alert -> hellos.add(alert.copy()))
                .receive("got", alert -> got.add(alert.text())).join()) {
            int pid = start(worker(group));
            Alert hello = hello();
            Worker old = hello.sender();
            require(old.pid() == pid && old.incarnation() > 0, "the sender is " + old);
            Entry dead = new Entry(old.slot(), State.LIVE, pid, Proc.startTime(pid), old.incarnation(), -1, 0, -1, "");
            kill(pid);
            requireGoneWhileOthersGetItsPid(dead);
            say("nobody is taken for the dead one");

            startWith(pid, "sleep 1000");
            Await.until("seen as dead", ChildJvm.LIMIT, () -> ipc.workers().size() == 1, ipc::workers);
            refused(() -> ipc.send(old, "n", "to a stranger"));
            refused(() -> ipc.send(pid, "n", "to a stranger"));
            refused(() -> hello.reply("n", "to a stranger"));
            say("a stranger gets nothing");
            kill(pid);

            startWith(pid, worker(group));
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
            ipc.send(now, "end", "");
            String status = ask("wait " + pid + "; echo $?");
            require(status.equals("0"), "the successor ended with " + status);
        }
        say("left");
    }

    /** At every moment of another process's start, which only asking without a pause finds. */
    private void requireGoneWhileOthersGetItsPid(Entry dead) throws Exception {
        AtomicBoolean over = new AtomicBoolean();
        FutureTask<Void> asking = new FutureTask<>(() -> {
            while (!over.get()) {
                require(dead.isGone(), "a stranger is taken for " + dead);
            }
            return null;
        });
        Thread.ofPlatform().daemon().start(asking);
        for (int i = 0; i < STRANGERS && !asking.isDone(); i++) {
            startWith(dead.pid(), "sleep 1000");
            kill(dead.pid());
        }
        over.set(true);
        asking.get();
    }

    private Alert hello() throws InterruptedException {
        Alert hello = hellos.poll(ChildJvm.LIMIT.toSeconds(), TimeUnit.SECONDS);
        require(hello != null, "nobody says hello");
        return hello;
    }

    private static String worker(String group) {
        return "'" + Path.of(System.getProperty("java.home"), "bin", "java") + "'"
                + " -XX:+UseSerialGC -XX:TieredStopAtLevel=1 --enable-native-access=ALL-UNNAMED -cp '"
                + System.getProperty("java.class.path") + "' " + PidReuse.class.getName() + " " + group + " worker";
    }

    private int start(String command) throws IOException {
        return Integer.parseInt(ask(command + " >&2 & echo $!"));
    }

    /** A thread may take the number that was meant: then once more. */
    private void startWith(int pid, String command) throws IOException {
        for (int tries = 0; tries < TRIES; tries++) {
            int got = start("echo " + (pid - 1) + " > /proc/sys/kernel/ns_last_pid; " + command);
            if (got == pid) {
                return;
            }
            kill(got);
        }
        throw new AssertionError("no process got the number " + pid);
    }

    private void kill(int pid) throws IOException {
        ask("kill -9 " + pid + "; wait " + pid + " 2> /dev/null; echo ended");
    }

    private String ask(String command) throws IOException {
        commands.write(command + "\n");
        commands.flush();
        String answer = answers.readLine();
        require(answer != null, "the shell has ended at: " + command);
        return answer;
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
