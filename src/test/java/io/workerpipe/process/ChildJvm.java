package io.workerpipe.process;

import io.workerpipe.linux.Proc;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * A JVM that does what a test tells it on its standard input. What it answers are lines that begin with {@value #ANSWER},
 * what it says by itself begins with {@value #EVENT}; all else that it prints is its log.
 */
public final class ChildJvm {
    public static final String ANSWER = "> ";
    /** What it says without having been asked, which may come between a question and its answer. */
    public static final String EVENT = "! ";
    public static final Duration LIMIT = Duration.ofSeconds(180);

    private static final String END = "the process ended";

    public final String name;
    private final Process process;
    private final BlockingQueue<String> answers = new LinkedBlockingQueue<>();
    private final BlockingQueue<String> events = new LinkedBlockingQueue<>();
    private final StringBuffer log = new StringBuffer();
    private final Thread listener;
    /** By us, which closes its output under the listener's hands. */
    private volatile boolean ended;

    public ChildJvm(String name, Process process) {
        this.name = name;
        this.process = process;
        listener = Thread.ofPlatform().daemon().name("output of " + name).start(this::listen);
    }

    private void listen() {
        try (BufferedReader output = process.inputReader()) {
            for (String line = output.readLine(); line != null; line = output.readLine()) {
                log.append(line).append('\n');
                if (line.startsWith(ANSWER)) {
                    answers.add(line.substring(ANSWER.length()));
                } else if (line.startsWith(EVENT)) {
                    events.add(line.substring(EVENT.length()));
                }
            }
        } catch (IOException | UncheckedIOException e) {
            if (!ended) {
                log.append(e).append('\n');
            }
        }
        answers.add(END);
        events.add(END);
    }

    public long pid() {
        return process.pid();
    }

    public boolean isAlive() {
        return process.isAlive();
    }

    /** It has ended, and all that it said has been heard. */
    public boolean isSilent() {
        return !process.isAlive() && !listener.isAlive();
    }

    /** Says something without waiting for the answer. */
    public ChildJvm say(String line) throws IOException {
        log.append("< ").append(line).append('\n');
        process.outputWriter().write(line + "\n");
        process.outputWriter().flush();
        return this;
    }

    /** The next answer, which must begin with this word; what follows the word. */
    public String hear(String word) throws InterruptedException {
        return next(answers, word);
    }

    /** The next answer, whatever it is. */
    String answer() throws InterruptedException {
        String line = answers.poll(LIMIT.toNanos(), TimeUnit.NANOSECONDS);
        if (line == null) {
            throw new AssertionError(name + " did not answer within " + LIMIT.toSeconds() + " s");
        }
        return line;
    }

    /** The next event, which must begin with this word; what follows the word. */
    public String event(String word) throws InterruptedException {
        return next(events, word);
    }

    private String next(BlockingQueue<String> queue, String word) throws InterruptedException {
        String line = queue.poll(LIMIT.toNanos(), TimeUnit.NANOSECONDS);
        if (line == null) {
            throw new AssertionError(name + " did not say '" + word + "' within " + LIMIT.toSeconds() + " s");
        }
        if (!line.equals(word) && !line.startsWith(word + " ")) {
            throw new AssertionError(name + " said '" + line + "', expected '" + word + "'");
        }
        return line.substring(word.length()).strip();
    }

    public String ask(String line, String word) throws IOException, InterruptedException {
        return say(line).hear(word);
    }

    /** Waits for an end without an error. */
    public void awaitEnd() throws InterruptedException {
        if (!process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)) {
            throw new AssertionError(name + " has not ended within " + LIMIT.toSeconds() + " s");
        }
        if (process.exitValue() != 0) {
            throw new AssertionError(name + " ended with exit code " + process.exitValue());
        }
    }

    /** Waits for its end, whatever it ends with. */
    int exitCode() throws InterruptedException {
        if (!process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)) {
            throw new AssertionError(name + " has not ended within " + LIMIT.toSeconds() + " s");
        }
        listener.join(LIMIT.toMillis());
        return process.exitValue();
    }

    /** SIGTERM, and waits until it has ended. */
    public void terminate() {
        ended = true;
        process.destroy();
        process.onExit().orTimeout(30, TimeUnit.SECONDS).join();
    }

    /** SIGKILL, and waits until the kernel has let go of it. */
    public void kill() {
        ended = true;
        process.destroyForcibly().onExit().orTimeout(30, TimeUnit.SECONDS).join();
    }

    /** SIGSTOP, and waits until it stands still. */
    public void stop() throws Exception {
        signal("STOP");
        Await.until("stopped", LIMIT, () -> Proc.state((int) pid()) == 'T');
    }

    /** SIGCONT. */
    public void resume() throws Exception {
        signal("CONT");
    }

    void signal(String signal) throws Exception {
        Process kill = new ProcessBuilder("kill", "-" + signal, Long.toString(pid())).inheritIO().start();
        if (kill.waitFor() != 0) {
            throw new AssertionError("kill -" + signal + " " + name + " failed");
        }
    }

    /** The largest its resident memory ever was, in bytes. */
    long peakMemory() throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/" + pid() + "/status"))) {
            if (line.startsWith("VmHWM:")) {
                return Long.parseLong(line.replaceAll("\\D", "")) << 10;
            }
        }
        throw new IOException("process " + pid() + " has no VmHWM");
    }

    /** Ends it whatever it does. */
    public void destroy() throws InterruptedException {
        kill();
        listener.join(5_000);
    }

    public String log() {
        return "---- " + name + ", process " + pid() + "\n" + log;
    }
}
