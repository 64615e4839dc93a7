package io.workerpipe.cli;

import io.workerpipe.Alert;
import io.workerpipe.Ipc;
import io.workerpipe.IpcException;
import io.workerpipe.Worker;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code workerpipe demo}. */
@Command(name = "demo", mixinStandardHelpOptions = true, sortOptions = false, description = "Starts worker JVMs in a group of their own, lets them talk, then takes commands from standard input: workers, send PID NAME TEXT, broadcast NAME TEXT, quit.", footer = {
        "", "Example:", "  printf 'workers\\nbroadcast hello hi\\nquit\\n' | workerpipe demo"})
final class Demo implements Callable<Integer> {
    private static final Duration START_LIMIT = Duration.ofSeconds(60);
    private static final Duration ANSWER_LIMIT = Duration.ofSeconds(5);
    private static final String USAGE = "commands: workers | send PID NAME TEXT | broadcast NAME TEXT | quit";

    @Option(names = "--workers", paramLabel = "N", defaultValue = "5", description = "How many; ${DEFAULT-VALUE} by default.")
    private int count;

    private final Semaphore answers = new Semaphore(0);
    private final List<Process> processes = new ArrayList<>();

    @Override
    public Integer call() throws Exception {
        if (count < 1 || count > 500) {
            throw new IllegalArgumentException("--workers is " + count + ", but must be 1 to 500");
        }
        String group = "demo-" + ProcessHandle.current().pid();
        Thread killer = new Thread(() -> processes.forEach(Process::destroy));
        Runtime.getRuntime().addShutdownHook(killer);
        try (Ipc ipc = Ipc.builder(group).label("console").receive(DemoWorker.RESPONSE, this::answered).join()) {
            for (int i = 0; i < count; i++) {
                processes.add(start(group, i));
            }
            if (!ipc.awaitWorkers(count + 1, START_LIMIT)) {
                throw new IOException("only " + (ipc.workers().size() - 1) + " of " + count + " workers joined within "
                        + START_LIMIT.toSeconds() + " s");
            }
            System.out.println(count + " workers in group '" + group + "', and this console, process "
                    + ipc.self().pid() + ":");
            broadcast(ipc, DemoWorker.HELLO, "anyone there?");
            System.out.println(USAGE);
            readCommands(ipc);
            ipc.broadcastToOthers(DemoWorker.QUIT, "");
            for (Process process : processes) {
                if (!process.waitFor(10, TimeUnit.SECONDS)) {
                    process.destroyForcibly().waitFor();
                }
            }
        } finally {
            processes.forEach(Process::destroyForcibly);
        }
        return 0;
    }

    /** The same Java, modules and flags as this process. */
    private static Process start(String group, int index) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("--enable-native-access=io.workerpipe", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1",
                "-p", System.getProperty("jdk.module.path"), "--add-modules",
                "info.picocli,com.fasterxml.jackson.core", "-m", "io.workerpipe/" + Main.class.getName(),
                "demo-worker", "--group", group, "--index", Integer.toString(index)));
        return new ProcessBuilder(command).redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                .redirectOutput(ProcessBuilder.Redirect.INHERIT).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    }

    private void answered(Alert alert) {
        System.out.println("console got '" + alert.name() + "' from " + alert.sender() + ": "
                + TextPrinter.oneLine(alert.text()));
        answers.release();
    }

    private void readCommands(Ipc ipc) throws IOException, InterruptedException {
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            String[] words = line.strip().split("\\s+", 2);
            if (words[0].equals("quit")) {
                return;
            }
            try {
                run(ipc, words[0], words.length > 1 ? words[1] : "");
            } catch (IpcException | IllegalArgumentException e) {
                System.out.println(e.getMessage());
            }
        }
    }

    private void run(Ipc ipc, String command, String rest) throws InterruptedException {
        switch (command) {
            case "" -> {
            }
            case "workers" -> others(ipc).forEach(System.out::println);
            case "send" -> {
                String[] words = rest.split("\\s+", 3);
                if (words.length < 2) {
                    throw new IllegalArgumentException("send needs a process id and a name: send PID NAME TEXT");
                }
                send(ipc, pid(words[0]), words[1], words.length > 2 ? words[2] : "");
            }
            case "broadcast" -> {
                String[] words = rest.split("\\s+", 2);
                if (words[0].isEmpty()) {
                    throw new IllegalArgumentException("broadcast needs a name: broadcast NAME TEXT");
                }
                broadcast(ipc, words[0], words.length > 1 ? words[1] : "");
            }
            default -> throw new IllegalArgumentException("unknown command '" + command + "'; " + USAGE);
        }
    }

    private static long pid(String word) {
        try {
            return Long.parseLong(word);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("'" + word + "' is no process id; see 'workers'");
        }
    }

    private static List<Worker> others(Ipc ipc) {
        return ipc.workers().stream().filter(worker -> worker.slot() != ipc.self().slot()).toList();
    }

    private void send(Ipc ipc, long pid, String name, String text) throws InterruptedException {
        ipc.send(pid, name, text);
        awaitAnswers(name, 1);
    }

    private void broadcast(Ipc ipc, String name, String text) throws InterruptedException {
        awaitAnswers(name, ipc.broadcastToOthers(name, text));
    }

    /** So that a script sees the answers of one command before the next one runs. */
    private void awaitAnswers(String name, int expected) throws InterruptedException {
        if (name.equals(DemoWorker.HELLO)
                && !answers.tryAcquire(expected, ANSWER_LIMIT.toMillis(), TimeUnit.MILLISECONDS)) {
            System.out.println("not all answered within " + ANSWER_LIMIT.toSeconds() + " s");
        }
    }
}
