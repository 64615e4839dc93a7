package io.workerpipe;

import io.workerpipe.roster.GroupName;
import io.workerpipe.supervise.Crew;
import io.workerpipe.supervise.Line;
import io.workerpipe.supervise.Observer;
import io.workerpipe.supervise.Plan;
import io.workerpipe.supervise.Program;
import io.workerpipe.supervise.Roll;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;

/**
 * Starts worker processes of any command, and keeps them alive until it is stopped. Every method is for any thread.
 *
 * {@snippet :
 * try (Supervisor supervisor = Supervisor.builder("java", "-jar", "server.jar").group("web").workers(5).start()) {
 *     supervisor.awaitEnd();
 * }
 * }
 *
 * <p><b>Each worker</b> finds its group, its index (0 to one less than there are workers) and its label in the environment
 * ({@code WORKERPIPE_GROUP}, {@code WORKERPIPE_INDEX}, {@code WORKERPIPE_LABEL}), so that {@link Ipc#join()} without
 * arguments joins; it may be the process itself that does, or one that it started. Its standard input is empty. What it
 * prints comes by lines to a {@link Listener}.
 *
 * <p><b>A worker that ends</b>, with whatever exit code, is started again: after a short pause, which grows when it keeps
 * ending.
 *
 * <p><b>This JVM</b> goes on as long as its workers do, also when its own {@code main} has returned.
 *
 * <p><b>When this process is killed</b>, workers that are JVMs see it and leave the group (see
 * {@link Ipc.Builder#outliveSupervisor}); when it exits, it stops them first. Other programs get no sign but the end of
 * whoever read their output; {@code setpriv --pdeathsig TERM COMMAND} gives them one.
 */
public final class Supervisor implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger("io.workerpipe");

    private final Ipc ipc;
    private final Crew crew;
    private final Thread exitHook = new Thread(this::stopAndWait, "workerpipe-supervisor-exit");

    private Supervisor(Builder builder) {
        // A guest of the group: it sees who joins, and clears away what is left when all are gone.
        ipc = Ipc.builder(builder.group()).guest().label("supervisor").closeLimit(Duration.ofSeconds(1))
                .leaveAtExit(false).join();
        try {
            crew = Crew.start(builder.plan(ipc.group()), this::members, new Forwarder(builder.listener));
        } catch (IOException e) {
            ipc.close();
            throw startFailure(builder, e);
        } catch (Throwable e) {
            ipc.close();
            throw e;
        }
        crew.ended().whenComplete((_, _) -> ended());
        try {
            Runtime.getRuntime().addShutdownHook(exitHook);
        } catch (IllegalStateException e) {
            stopAndWait();
            throw new IpcClosedException("this JVM is shutting down: its workers are stopped");
        }
    }

    private static WorkerStartException startFailure(Builder builder, IOException e) {
        String program = builder.command.getFirst();
        String path = builder.environment.getOrDefault("PATH", System.getenv().getOrDefault("PATH", ""));
        if (!Program.exists(program, path)) {
            return new WorkerStartException("there is no program '" + program + "'"
                    + (program.contains("/") ? "" : " on the PATH"), true, e);
        }
        return new WorkerStartException(e.getMessage(), false, e);
    }

    /**
     * What to start.
     *
     * @param command a program and its arguments
     * @return what to set before {@link Builder#start}
     */
    public static Builder builder(String... command) {
        return new Builder(List.of(command));
    }

    /**
     * What to start.
     *
     * @param command a program and its arguments
     * @return what to set before {@link Builder#start}
     */
    public static Builder builder(List<String> command) {
        return new Builder(List.copyOf(command));
    }

    private List<Roll.Member> members() {
        return ipc.workers().stream().map(worker -> new Roll.Member(worker.pid(), worker.incarnation())).toList();
    }

    /**
     * The group of its workers.
     *
     * @return its name
     */
    public String group() {
        return ipc.group();
    }

    /**
     * The processes that work now.
     *
     * @return process ids in the order of the workers' indices; 0 for one that is about to be started again
     */
    public List<Long> pids() {
        return crew.pids();
    }

    /**
     * Begins to replace all workers, one after the other: each is told to end (SIGTERM) only when its successor has joined
     * the group, and the next one's turn comes when it has ended. While this is under way, two may have the same index.
     *
     * <p>A successor that ends instead of joining, or does not join in time although the one before had, ends the whole
     * replacement, and the worker stays. Where nobody joins, the successor takes over after {@link Builder#joinLimit}.
     */
    public void replaceAll() {
        crew.replace();
    }

    /**
     * Begins to stop all workers: SIGTERM, and SIGKILL for those that have not ended within {@link Builder#stopLimit}.
     */
    public void stop() {
        crew.stop();
    }

    /** Begins to stop all workers at once, with SIGKILL. */
    public void kill() {
        crew.kill();
    }

    /**
     * Waits until all workers have ended, after {@link #stop}, {@link #kill}, or a failure.
     *
     * @return whether all ended without SIGKILL
     * @throws IOException          what the listener threw, or what else made it stop
     * @throws InterruptedException if the thread was interrupted
     */
    public boolean awaitEnd() throws IOException, InterruptedException {
        try {
            return crew.ended().get() == 0;
        } catch (ExecutionException e) {
            if (e.getCause() instanceof IOException cause) {
                throw cause;
            }
            throw new IllegalStateException(e.getCause());
        }
    }

    /** Stops all workers, and waits until they have ended. */
    @Override
    public void close() {
        stopAndWait();
    }

    private void stopAndWait() {
        crew.stop();
        try {
            crew.ended().join();
        } catch (CompletionException e) {
            LOG.log(System.Logger.Level.DEBUG, "the workers were stopped", e);
        }
        // Waited for by all that wait, as the last thing that is left.
        ipc.close();
    }

    private void ended() {
        ipc.close();
        try {
            Runtime.getRuntime().removeShutdownHook(exitHook);
        } catch (IllegalStateException e) {
            // The JVM is on its way out already.
        }
    }

    /**
     * A line that a worker printed.
     *
     * @param index     the worker's number
     * @param pid       the process that was started for it
     * @param error     whether it comes from standard error, not standard output
     * @param bytes     as they came, without the end of the line
     * @param continued whether it goes on with a line of over 1 MiB, which comes in pieces
     */
    public record OutputLine(int index, long pid, boolean error, byte[] bytes, boolean continued) {
        /**
         * The line as {@code workerpipe run} shows it: {@code [index/pid] } and what was printed; {@code [index/pid+] }
         * for a further piece.
         *
         * @return bytes with an end of the line
         */
        public byte[] prefixed() {
            byte[] prefix = ("[" + index + "/" + pid + (continued ? "+] " : "] ")).getBytes(StandardCharsets.US_ASCII);
            ByteArrayOutputStream line = new ByteArrayOutputStream(prefix.length + bytes.length + 1);
            line.writeBytes(prefix);
            line.writeBytes(bytes);
            line.write('\n');
            return line.toByteArray();
        }
    }

    /**
     * Gets what workers print and what becomes of them. It must be safe for any thread; the lines of one worker's stream
     * come one after the other. While it does not return, that worker's output waits. It must not end the JVM, which would
     * wait for it.
     */
    public interface Listener {
        /**
         * A worker has printed a line. Without an implementation it goes to this process's standard output or error,
         * with a prefix.
         *
         * @param line what it printed
         * @throws IOException if it cannot be passed on: all workers are stopped, and {@link Supervisor#awaitEnd}
         *                     throws this
         */
        default void output(OutputLine line) throws IOException {
            PrintStream out = line.error() ? System.err : System.out;
            out.write(line.prefixed());
            out.flush();
        }

        /**
         * Something happened: a worker was started, has ended, ... Without an implementation it is logged.
         *
         * @param text for people to read; lines that follow the first one are the last words of a worker that failed
         * @throws IOException as for {@link #output}
         */
        default void event(String text) throws IOException {
            LOG.log(System.Logger.Level.INFO, text);
        }
    }

    private record Forwarder(Listener listener) implements Observer {
        @Override
        public void line(Line line) throws IOException {
            listener.output(
                    new OutputLine(line.index(), line.pid(), line.error(), line.bytes(), line.continued()));
        }

        @Override
        public void event(String text) throws IOException {
            listener.event(text);
        }
    }

    /** What to set before starting. Not for several threads. */
    public static final class Builder {
        /** A group has 1,024 slots; some are for successors and guests. */
        private static final int MOST_WORKERS = 1000;

        private final List<String> command;
        private final Map<String, String> environment = new HashMap<>();
        private String group;
        private String label;
        private int workers = Runtime.getRuntime().availableProcessors();
        private Duration joinLimit = Duration.ofSeconds(30);
        private Duration stopLimit = Duration.ofSeconds(10);
        private Duration firstPause = Duration.ofMillis(100);
        private Duration longestPause = Duration.ofSeconds(30);
        private Duration stableAfter = Duration.ofSeconds(10);
        private Listener listener = new Listener() {
        };

        private Builder(List<String> command) {
            if (command.isEmpty()) {
                throw new IllegalArgumentException("no command given to start workers with");
            }
            this.command = command;
        }

        /**
         * The group that the workers are to join.
         *
         * @param group {@code [A-Za-z0-9._-]{1,64}}, not {@code .} or {@code ..}; {@code run-} and this process's id by
         *              default
         * @return this
         * @throws IllegalArgumentException if that is no name of a group
         */
        public Builder group(String group) {
            this.group = GroupName.check(group);
            return this;
        }

        private String group() {
            return group == null ? "run-" + ProcessHandle.current().pid() : group;
        }

        /**
         * How many workers.
         *
         * @param count 1 to 1,000; as many as there are processors by default
         * @return this
         */
        public Builder workers(int count) {
            if (count < 1 || count > MOST_WORKERS) {
                throw new IllegalArgumentException(
                        "the number of workers is " + count + ", but must be 1 to " + MOST_WORKERS);
            }
            workers = count;
            return this;
        }

        /**
         * What workers are called in lists: this, a hyphen, and the index.
         *
         * @param label the group's name by default
         * @return this
         */
        public Builder label(String label) {
            this.label = label;
            return this;
        }

        /**
         * A variable for the environment of the workers, besides those of this process.
         *
         * @param name  its name
         * @param value its value
         * @return this
         */
        public Builder environment(String name, String value) {
            environment.put(name, value);
            return this;
        }

        /**
         * How long a successor may take to join the group, see {@link Supervisor#replaceAll}.
         *
         * @param limit 30 seconds by default; zero: it is not waited for
         * @return this
         */
        public Builder joinLimit(Duration limit) {
            joinLimit = check("joinLimit", limit);
            return this;
        }

        /**
         * How long a worker may take to end after SIGTERM, before it gets SIGKILL.
         *
         * @param limit 10 seconds by default
         * @return this
         */
        public Builder stopLimit(Duration limit) {
            stopLimit = check("stopLimit", limit);
            return this;
        }

        /**
         * The pause before a worker that has ended is started again. It doubles each time.
         *
         * @param first       0.1 seconds by default
         * @param longest     30 seconds by default
         * @param stableAfter a worker that ran for so long has the first pause again; 10 seconds by default
         * @return this
         */
        public Builder pauses(Duration first, Duration longest, Duration stableAfter) {
            firstPause = check("the first pause", first);
            longestPause = check("the longest pause", longest);
            this.stableAfter = check("stableAfter", stableAfter);
            return this;
        }

        /**
         * Who gets what workers print and what becomes of them.
         *
         * @param listener safe for any thread; by default lines go to standard output and error, the rest to the log
         * @return this
         */
        public Builder listener(Listener listener) {
            this.listener = listener;
            return this;
        }

        /**
         * Starts the workers.
         *
         * @return when their processes have been started
         * @throws JoinException        if the group cannot be used
         * @throws IpcClosedException   while this JVM shuts down
         * @throws WorkerStartException if the command cannot be run; then none of it runs
         */
        public Supervisor start() {
            return new Supervisor(this);
        }

        private Plan plan(String group) {
            return new Plan(command, environment, group, workers, label == null ? group : label, joinLimit, stopLimit,
                    firstPause, longestPause, stableAfter);
        }

        private static Duration check(String what, Duration value) {
            if (value.isNegative()) {
                throw new IllegalArgumentException(what + " is " + value + ", less than nothing");
            }
            return value;
        }
    }
}
