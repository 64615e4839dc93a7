package io.workerpipe.supervise;

import io.workerpipe.linux.ProcessId;
import java.io.File;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/**
 * One process of a worker, and what it started itself. Used by the crew's thread.
 *
 * <p>Signals go to the process and to its descendants, for often it is a shell that waits for the real one.
 */
final class Child {
    private static final long NEVER = Long.MIN_VALUE;
    /** How long to wait for the end of its output, which others may hold open, before saying how it ended. */
    private static final long OUTPUT_NANOS = Duration.ofMillis(500).toNanos();

    private final Process process;
    private final Duration stopLimit;
    private final Set<Relative> relatives = new HashSet<>();
    private final LastWords lastWords = new LastWords();
    private final AtomicInteger openStreams = new AtomicInteger(2);
    private final long startedAt = System.nanoTime();
    private long exitedAt = NEVER;
    private long termAt = NEVER;
    private boolean toldToEnd;
    private boolean killed;
    private boolean joined;

    private Child(Process process, Duration stopLimit) {
        this.process = process;
        this.stopLimit = stopLimit;
    }

    /** @throws IOException if the command cannot be run */
    static Child start(Plan plan, int index, ProcessId supervisor, Crew crew) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(plan.command()).redirectInput(new File("/dev/null"));
        builder.environment().putAll(plan.environment());
        new Assignment(plan.group(), index, plan.label(index), supervisor, false).put(builder.environment());
        try (OutputPipe output = OutputPipe.open(); OutputPipe error = OutputPipe.open()) {
            Process process = builder.redirectOutput(output.redirect()).redirectError(error.redirect()).start();
            Child child = new Child(process, plan.stopLimit());
            try {
                child.pass(output, index, false, crew);
                child.pass(error, index, true, crew);
            } catch (Throwable e) {
                // No thread to be had: nobody would know of the process.
                process.destroyForcibly();
                throw e;
            }
            process.onExit().thenRun(crew::wake);
            return child;
        }
    }

    private void pass(OutputPipe pipe, int index, boolean error, Crew crew) {
        pipe.read("workerpipe-" + index + (error ? "-err" : "-out"), new OutputPipe.Reader() {
            @Override
            public void line(byte[] bytes, boolean continued) throws IOException {
                if (error) {
                    lastWords.add(bytes);
                }
                crew.observer().line(new Line(index, pid(), error, bytes, continued));
            }

            @Override
            public void end(IOException failure) {
                openStreams.decrementAndGet();
                crew.streamEnded(failure);
            }
        });
    }

    long pid() {
        return process.pid();
    }

    /** Whether it, or a descendant, has joined the group. */
    boolean hasJoined() {
        return joined;
    }

    /** It, or a descendant, was seen in the group. */
    void join(ProcessHandle member) {
        joined = true;
        if (member.pid() != pid()) {
            Relative.of(member).ifPresent(relatives::add);
        }
    }

    /** How long it has run, or ran. */
    Duration ran() {
        return Duration.ofNanos((exitedAt == NEVER ? System.nanoTime() : exitedAt) - startedAt);
    }

    /** After it has ended. */
    int exitCode() {
        return process.exitValue();
    }

    /** Whether it was told to end before it did. */
    boolean wasToldToEnd() {
        return toldToEnd;
    }

    /** Whether SIGTERM was not enough. */
    boolean wasKilled() {
        return killed;
    }

    List<String> lastWords() {
        return lastWords.lines();
    }

    /** Looks at what became of it. */
    void look() {
        if (exitedAt == NEVER && !process.isAlive()) {
            exitedAt = System.nanoTime();
            // Those that joined for it would go on with nobody to look after them.
            sigterm();
        }
        if (termAt != NEVER && !killed && System.nanoTime() - termAt > stopLimit.toNanos() && !isGone()) {
            kill();
        }
    }

    /** Whether nothing of it runs any more, and all is known of how it ended. */
    boolean hasEnded() {
        return isGone() && (openStreams.get() == 0 || System.nanoTime() - exitedAt > OUTPUT_NANOS);
    }

    private boolean isGone() {
        return exitedAt != NEVER && relatives.stream().noneMatch(Relative::isAlive);
    }

    /** SIGTERM, and SIGKILL when the time is over. */
    void terminate() {
        if (!toldToEnd) {
            toldToEnd = exitedAt == NEVER;
            sigterm();
        }
    }

    private void sigterm() {
        if (termAt == NEVER) {
            termAt = System.nanoTime();
            signalAll(ProcessHandle::destroy);
        }
    }

    /** SIGKILL. */
    void kill() {
        toldToEnd |= exitedAt == NEVER;
        killed = true;
        signalAll(ProcessHandle::destroyForcibly);
    }

    private void signalAll(Consumer<ProcessHandle> signal) {
        process.descendants().map(Relative::of).flatMap(Optional::stream).forEach(relatives::add);
        List<ProcessHandle> all = new ArrayList<>(List.of(process.toHandle()));
        relatives.stream().filter(Relative::isAlive).map(Relative::handle).forEach(all::add);
        all.forEach(signal);
    }
}
