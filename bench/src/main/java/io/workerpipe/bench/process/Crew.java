package io.workerpipe.bench.process;

import io.workerpipe.bench.FlawedRunException;
import io.workerpipe.bench.Folders;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * The processes of one run and the folder that they share. Closing kills who is still there and deletes the folder; an
 * interrupted bench does that too. For one thread.
 */
public final class Crew implements AutoCloseable {
    private static final String END = new String("the end of its output");

    private static final long GLANCE_MILLIS = 200;

    private final Path log;
    private volatile Path folder;
    private final List<Member> members = new CopyOnWriteArrayList<>();
    private final Thread exitHook = new Thread(this::end);

    /** One of the processes. */
    public record Member(Process process, BlockingQueue<String> lines) {}

    /**
     * @param log takes what the processes say on standard error
     * @throws InterruptedException if the bench is being ended
     */
    public Crew(Path log) throws IOException, InterruptedException {
        this.log = log;
        try {
            // First of all: nothing is made that would not be taken away.
            Runtime.getRuntime().addShutdownHook(exitHook);
        } catch (IllegalStateException e) {
            throw new InterruptedException("the JVM is being shut down");
        }
        Path memory = Path.of("/dev/shm");
        folder = Files.createTempDirectory(
                Files.isWritable(memory) ? memory : Path.of(System.getProperty("java.io.tmpdir")), "workerpipe-bench-",
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    }

    /** A folder for this run alone. */
    public Path folder() {
        return folder;
    }

    /** Starts a process that ends with the crew at the latest. */
    public Member start(ProcessBuilder command) throws IOException {
        Process process = command.redirectError(ProcessBuilder.Redirect.appendTo(log.toFile())).start();
        BlockingQueue<String> lines = new LinkedBlockingQueue<>();
        Member started = new Member(process, lines);
        members.add(started);
        Thread.ofVirtual().start(() -> {
            try (BufferedReader output = process.inputReader(StandardCharsets.US_ASCII)) {
                output.lines().forEach(lines::add);
            } catch (IOException | UncheckedIOException e) {
                // A killed process: its output has ended, whatever the reason.
            } finally {
                lines.add(END);
            }
        });
        return started;
    }

    /** Of all. */
    public List<Long> pids() {
        return members.stream().map(member -> member.process.pid()).toList();
    }

    /** Says a line to all, as near in time as can be. */
    public void tell(String line) throws FlawedRunException {
        tell(members, line);
    }

    /** Says a line to some. */
    public void tell(List<Member> some, String line) throws FlawedRunException {
        for (Member member : some) {
            try {
                member.process.outputWriter(StandardCharsets.US_ASCII).append(line).append('\n').flush();
            } catch (IOException e) {
                throw new FlawedRunException("process " + member.process.pid() + " is gone; its log: " + log, e);
            }
        }
    }

    /** The next line of each. */
    public List<String> answers(Duration limit) throws FlawedRunException, InterruptedException {
        return answers(members, limit);
    }

    /** The next line of each of some. */
    public List<String> answers(List<Member> some, Duration limit) throws FlawedRunException, InterruptedException {
        long end = System.nanoTime() + limit.toNanos();
        List<String> answers = new ArrayList<>();
        for (Member member : some) {
            answers.add(answer(member, end));
        }
        return answers;
    }

    private String answer(Member member, long end) throws FlawedRunException, InterruptedException {
        for (;;) {
            String line = member.lines.poll(GLANCE_MILLIS, TimeUnit.MILLISECONDS);
            if (line == END) {
                throw new FlawedRunException("process " + member.process.pid() + " ended too early; its log: " + log);
            }
            if (line != null) {
                return line;
            }
            // It may be waiting for one that is no more.
            for (Member other : members) {
                if (other.lines.peek() == END) {
                    throw new FlawedRunException(
                            "process " + other.process.pid() + " ended too early; its log: " + log);
                }
            }
            if (System.nanoTime() > end) {
                throw new FlawedRunException(
                        "process " + member.process.pid() + " does not answer within the time; its log: " + log);
            }
        }
    }

    /** Waits until all have ended by themselves, with exit code 0. */
    public void awaitEnd(Duration limit) throws FlawedRunException, InterruptedException {
        awaitEnd(members, limit);
    }

    /** Waits until some have ended by themselves, with exit code 0. */
    public void awaitEnd(List<Member> some, Duration limit) throws FlawedRunException, InterruptedException {
        long end = System.nanoTime() + limit.toNanos();
        for (Member member : some) {
            if (!member.process.waitFor(end - System.nanoTime(), TimeUnit.NANOSECONDS)) {
                throw new FlawedRunException("process " + member.process.pid() + " does not end");
            }
            if (member.process.exitValue() != 0) {
                throw new FlawedRunException("process " + member.process.pid() + " ended with exit code "
                        + member.process.exitValue() + "; its log: " + log);
            }
        }
    }

    private void end() {
        members.forEach(member -> member.process.destroyForcibly());
        members.forEach(member -> member.process.onExit().join());
        try {
            if (folder != null && Files.exists(folder)) {
                Folders.delete(folder);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        end();
        try {
            Runtime.getRuntime().removeShutdownHook(exitHook);
        } catch (IllegalStateException e) {
            // Shutting down: the hook has nothing left to do.
        }
    }
}
