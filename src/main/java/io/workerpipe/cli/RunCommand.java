package io.workerpipe.cli;

import io.workerpipe.Supervisor;
import io.workerpipe.WorkerStartException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code workerpipe run}. */
@Command(name = "run", mixinStandardHelpOptions = true, sortOptions = false, description = "Starts worker processes of a command and keeps them alive.", footer = {
        "",
        "A worker finds WORKERPIPE_GROUP, WORKERPIPE_INDEX (0 to N-1) and WORKERPIPE_LABEL in its environment; Ipc.join() uses them.",
        "What it prints is passed on by lines, with its index and process id. One that ends is started again, after a pause that grows when it keeps ending.",
        "", "Signals:", "  TERM, INT (Ctrl-C)  all are stopped: SIGTERM, and SIGKILL when the limit is over",
        "  INT once more       all are stopped at once",
        "  HUP                 all are replaced, one by one, each when its successor has joined", "",
        "Exit codes: 0 stopped by TERM; 130 stopped by INT; 1 failed, or a worker had to be killed; 2 wrong arguments; 126 the command cannot be run; 127 there is no such command; 141 nobody reads the output.",
        "", "Examples:", "  workerpipe run -n 5 --group web -- java -jar server.jar",
        "  workerpipe run -n 3 --group web -- workerpipe listen"})
final class RunCommand implements Callable<Integer> {
    private static final int KILLED = 1;
    private static final int NOT_RUNNABLE = 126;
    private static final int NOT_FOUND = 127;
    private static final int INTERRUPTED = 130;

    @Option(names = {"-g",
            "--group"}, paramLabel = "G", description = "The group that they join; by default 'run-' and the process id.")
    private String group;

    @Option(names = {"-n",
            "--workers"}, paramLabel = "N", description = "How many; by default as many as there are processors.")
    private Long workers;

    @Option(names = "--label", paramLabel = "TEXT", description = "What they are called in lists, with '-' and the index; the group's name by default.")
    private String label;

    @Option(names = "--stop-limit", paramLabel = "SECONDS", defaultValue = "10", description = "How long one may take to end after SIGTERM; ${DEFAULT-VALUE} by default.")
    private long stopLimit;

    @Option(names = "--join-limit", paramLabel = "SECONDS", defaultValue = "30", description = "How long a successor may take to join; ${DEFAULT-VALUE} by default. Give 0 for commands that never join.")
    private long joinLimit;

    @Parameters(paramLabel = "COMMAND", arity = "0..*", description = "Program and arguments, after '--'.")
    private List<String> command = List.of();

    @Spec
    private CommandSpec spec;

    private final Wishes signals = new Wishes();
    private final AtomicInteger interrupts = new AtomicInteger();

    @Override
    public Integer call() throws Exception {
        if (command.isEmpty()) {
            throw new ParameterException(spec.commandLine(), "no command to run");
        }
        Supervisor.Builder builder = Supervisor.builder(command)
                .stopLimit(seconds("--stop-limit", stopLimit)).joinLimit(seconds("--join-limit", joinLimit))
                .listener(new RunOutput());
        if (group != null) {
            builder.group(group);
        }
        if (workers != null) {
            builder.workers(Math.clamp(workers, Integer.MIN_VALUE, Integer.MAX_VALUE));
        }
        if (label != null) {
            builder.label(label);
        }
        // Before there is anything that they could leave behind.
        handleSignals();
        try (Supervisor supervisor = builder.start()) {
            signals.begin(supervisor);
            boolean orderly = supervisor.awaitEnd();
            return interrupts.get() > 0 ? INTERRUPTED : orderly ? 0 : KILLED;
        } catch (WorkerStartException e) {
            System.err.println("workerpipe: " + e.getMessage());
            return e.isNotFound() ? NOT_FOUND : NOT_RUNNABLE;
        }
    }

    private static Duration seconds(String option, long value) {
        if (value < 0) {
            throw new IllegalArgumentException(option + " is " + value + ", but must be 0 seconds or more");
        }
        return Duration.ofSeconds(value);
    }

    /** Without them, the JVM's own way to end at a signal stops the workers as well. */
    private void handleSignals() {
        Signals.handle("TERM", () -> signals.act(Supervisor::stop));
        Signals.handle("INT",
                () -> signals.act(interrupts.incrementAndGet() == 1 ? Supervisor::stop : Supervisor::kill));
        if (!Signals.handle("HUP", () -> signals.act(Supervisor::replaceAll))) {
            System.err.println(
                    "workerpipe: SIGHUP ends this process here instead of replacing the workers, since this Java"
                            + " has no module jdk.unsupported, or was started with -Xrs");
        }
    }

    /** What signals ask for: safe for any thread; kept until there is somebody to do it. */
    private static final class Wishes {
        private final List<Consumer<Supervisor>> early = new ArrayList<>();
        private Supervisor supervisor;

        synchronized void act(Consumer<Supervisor> wish) {
            if (supervisor == null) {
                early.add(wish);
            } else {
                wish.accept(supervisor);
            }
        }

        synchronized void begin(Supervisor started) {
            supervisor = started;
            early.forEach(wish -> wish.accept(started));
        }
    }
}
