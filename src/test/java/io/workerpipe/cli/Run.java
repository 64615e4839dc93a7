package io.workerpipe.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** A started command: its output by lines, as it comes. */
final class Run {
    private static final Duration LIMIT = Duration.ofSeconds(180);

    private final Process process;
    private final Lines output;
    private final Lines error;

    private Run(Process process, Lines output, Lines error) {
        this.process = process;
        this.output = output;
        this.error = error;
    }

    static Run start(ProcessBuilder builder) throws IOException {
        Process process = builder.start();
        return new Run(process, Lines.of(process.getInputStream()), Lines.of(process.getErrorStream()));
    }

    static Run startUnread(ProcessBuilder builder) throws IOException {
        Process process = builder.start();
        process.getInputStream().close();
        return new Run(process, null, Lines.of(process.getErrorStream()));
    }

    /** On standard input, which then ends. */
    void write(byte[] input) {
        Thread.ofVirtual().start(() -> {
            try (OutputStream in = process.getOutputStream()) {
                in.write(input);
            } catch (IOException e) {
                // It ended before it had read all: what it did says the rest.
            }
        });
    }

    void type(String line) throws IOException {
        process.getOutputStream().write((line + '\n').getBytes(StandardCharsets.UTF_8));
        process.getOutputStream().flush();
    }

    long pid() {
        return process.pid();
    }

    List<String> output() {
        return output.all();
    }

    List<String> error() {
        return error.all();
    }

    int exitCode() {
        return process.exitValue();
    }

    List<ProcessHandle> children() {
        return process.children().toList();
    }

    boolean isAlive() {
        return process.isAlive();
    }

    String awaitOutput(String part) {
        return output.await(part, this);
    }

    void awaitError(String part) {
        error.await(part, this);
    }

    /** With all that it has printed. */
    Run awaitEnd() throws InterruptedException {
        assertThat(process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)).as("ended: %s", this).isTrue();
        if (output != null) {
            output.awaitEnd();
        }
        error.awaitEnd();
        return this;
    }

    void signal(String name) throws Exception {
        signal(name, pid());
    }

    static void signal(String name, long pid) throws Exception {
        Process kill = new ProcessBuilder("kill", "-" + name, Long.toString(pid)).inheritIO().start();
        assertThat(kill.waitFor()).isZero();
    }

    void kill() {
        List<ProcessHandle> all = new ArrayList<>(process.descendants().toList());
        all.add(process.toHandle());
        all.forEach(ProcessHandle::destroyForcibly);
    }

    static void await(String what, BooleanSupplier condition) {
        long end = System.nanoTime() + LIMIT.toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime() - end).as(what).isNegative();
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
        }
    }

    @Override
    public String toString() {
        return "output " + (output == null ? "unread" : output.all()) + ", error " + error.all();
    }

    /** What a stream has brought so far. */
    private static final class Lines {
        private final List<String> lines = new ArrayList<>();
        private boolean ended;

        static Lines of(InputStream stream) {
            Lines lines = new Lines();
            Thread.ofPlatform().daemon().start(() -> lines.read(stream));
            return lines;
        }

        private void read(InputStream stream) {
            try (BufferedReader in = new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8))) {
                for (String line = in.readLine(); line != null; line = in.readLine()) {
                    add(line);
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            } finally {
                end();
            }
        }

        private synchronized void add(String line) {
            lines.add(line);
            notifyAll();
        }

        private synchronized void end() {
            ended = true;
            notifyAll();
        }

        synchronized List<String> all() {
            return List.copyOf(lines);
        }

        synchronized String await(String part, Run run) {
            long end = System.nanoTime() + LIMIT.toNanos();
            for (;;) {
                for (String line : lines) {
                    if (line.contains(part)) {
                        return line;
                    }
                }
                assertThat(ended).as("'%s' came before the end of %s", part, run).isFalse();
                assertThat(System.nanoTime() - end).as("'%s' came in %s", part, run).isNegative();
                waitMillis(100);
            }
        }

        synchronized void awaitEnd() {
            long end = System.nanoTime() + LIMIT.toNanos();
            while (!ended) {
                assertThat(System.nanoTime() - end).as("the stream ended after %s", lines).isNegative();
                waitMillis(100);
            }
        }

        private void waitMillis(long millis) {
            try {
                wait(millis);
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }
    }
}
