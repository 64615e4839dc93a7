package io.workerpipe.cli;

import io.workerpipe.Alert;
import io.workerpipe.Ipc;
import io.workerpipe.IpcException;
import io.workerpipe.Worker;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code workerpipe demo}. */
@Command(name = "demo", mixinStandardHelpOptions = true, sortOptions = false, description = "Starts worker JVMs in a group of their own and lets them talk.", footer = {
        "", "Then it takes commands from standard input, a terminal's or a pipe's:",
        "  workers              who is there",
        "  send PID NAME TEXT   an alert to one of them; to 'hello' they answer",
        "  broadcast NAME TEXT  an alert to all of them",
        "  quit                 all end, as they do at the end of the input", "", "Example:",
        "  printf 'workers\\nbroadcast hello hi\\nquit\\n' | workerpipe demo"})
final class Demo implements Callable<Integer> {
    private static final Duration START_LIMIT = Duration.ofSeconds(60);
    private static final Duration ANSWER_LIMIT = Duration.ofSeconds(5);
    private static final Duration END_LIMIT = Duration.ofSeconds(10);
    private static final int MOST_WORKERS = 500;
    private static final String USAGE = "commands: workers | send PID NAME TEXT | broadcast NAME TEXT | quit";

    @Option(names = "--workers", paramLabel = "N", defaultValue = "5", description = "How many; ${DEFAULT-VALUE} by default.")
    private long count;

    private final Semaphore answers = new Semaphore(0);
    private volatile IOException outputFailure;

    @Override
    public Integer call() throws Exception {
        if (count < 1 || count > MOST_WORKERS) {
            throw new IllegalArgumentException("--workers is " + count + ", but must be 1 to " + MOST_WORKERS);
        }
        String group = "demo-" + ProcessHandle.current().pid();
        // The console leaves last: what a worker that had to be killed leaves behind is then swept up.
        try (Ipc ipc = Ipc.builder(group).label("console").receive(DemoWorker.RESPONSE, this::answered)
                .receiveUnknown(this::said).join(); DemoWorkers workers = new DemoWorkers()) {
            for (int i = 0; i < count; i++) {
                workers.start(group, i);
            }
            workers.awaitJoined(ipc, START_LIMIT);
            Output.line(Quantity.workers(count) + " in group '" + group + "', and this console, process "
                    + ipc.self().pid() + ":");
            broadcast(ipc, DemoWorker.HELLO, "anyone there?");
            Output.line(USAGE);
            readCommands(ipc);
            ipc.broadcastToOthers(DemoWorker.QUIT, "");
            workers.awaitEnd(END_LIMIT);
        }
        return 0;
    }

    private void answered(Alert alert) {
        said(alert);
        answers.release();
    }

    private void said(Alert alert) {
        try {
            Output.line(OneLine.of("console got '" + alert.name() + "' from " + alert.sender() + ": "
                    + AlertText.of(alert).orElseGet(() -> Quantity.bytes(alert.length()))));
        } catch (IOException e) {
            outputFailure = e;
        }
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
                Output.line(e.getMessage());
            }
            if (outputFailure != null) {
                throw outputFailure;
            }
        }
    }

    private void run(Ipc ipc, String command, String rest) throws IOException, InterruptedException {
        switch (command) {
            case "" -> {
            }
            case "workers" -> {
                for (Worker worker : others(ipc)) {
                    Output.line(OneLine.of(worker.toString()));
                }
            }
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

    private void send(Ipc ipc, long pid, String name, String text) throws IOException, InterruptedException {
        answers.drainPermits();
        ipc.send(pid, name, text);
        awaitAnswers(name, 1);
    }

    private void broadcast(Ipc ipc, String name, String text) throws IOException, InterruptedException {
        answers.drainPermits();
        awaitAnswers(name, ipc.broadcastToOthers(name, text));
    }

    /** So that a script sees the answers of one command before the next one runs. */
    private void awaitAnswers(String name, int expected) throws IOException, InterruptedException {
        if (name.equals(DemoWorker.HELLO)
                && !answers.tryAcquire(expected, ANSWER_LIMIT.toMillis(), TimeUnit.MILLISECONDS)) {
            Output.line("not all answered within " + ANSWER_LIMIT.toSeconds() + " s");
        }
    }
}
