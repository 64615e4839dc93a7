package io.workerpipe.cli;

import io.workerpipe.Ipc;
import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The worker JVMs that a demo has started: safe for any thread. None is left when this is closed. */
final class DemoWorkers implements AutoCloseable {
    private static final Duration LOOK_EVERY = Duration.ofMillis(200);
    private static final int END_SECONDS = 5;

    private final List<Process> processes = new ArrayList<>();
    /** For Ctrl-C and SIGTERM: the exit code stays theirs. */
    private final Thread atExit = new Thread(this::end, "workerpipe-demo-exit");
    private boolean ending;

    DemoWorkers() {
        Runtime.getRuntime().addShutdownHook(atExit);
    }

    void start(String group, int index) throws IOException {
        synchronized (this) {
            if (!ending) {
                processes.add(new ProcessBuilder(command(group, index))
                        .redirectInput(new File("/dev/null")).redirectOutput(ProcessBuilder.Redirect.INHERIT)
                        .redirectError(ProcessBuilder.Redirect.INHERIT).start());
            }
        }
    }

    /** The same Java, modules and flags as this process. */
    private static List<String> command(String group, int index) {
        return List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=io.workerpipe", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-p",
                System.getProperty("jdk.module.path"), "--add-modules", "info.picocli,com.fasterxml.jackson.core", "-m",
                "io.workerpipe/" + Main.class.getName(), "demo-worker", "--group", group, "--index",
                Integer.toString(index), "--console", Long.toString(ProcessHandle.current().pid()));
    }

    /** Waits until all have joined; does not wait for one that has ended. */
    void awaitJoined(Ipc ipc, Duration limit) throws IOException, InterruptedException {
        int all = started().size() + 1;
        long end = System.nanoTime() + limit.toNanos();
        while (!ipc.awaitWorkers(all, LOOK_EVERY)) {
            for (Process process : started()) {
                if (!process.isAlive()) {
                    throw new IOException("worker process " + process.pid() + " ended with exit code "
                            + process.exitValue() + " before it joined");
                }
            }
            if (System.nanoTime() - end > 0) {
                throw new IOException("only " + (ipc.workers().size() - 1) + " of " + Quantity.workers(all - 1L)
                        + " joined within " + limit.toSeconds() + " s");
            }
        }
    }

    /** Waits until they have left by themselves; {@link #close} ends the others. */
    void awaitEnd(Duration limit) throws InterruptedException {
        long end = System.nanoTime() + limit.toNanos();
        for (Process process : started()) {
            process.waitFor(end - System.nanoTime(), TimeUnit.NANOSECONDS);
        }
    }

    private synchronized List<Process> started() {
        return List.copyOf(processes);
    }

    @Override
    public void close() {
        end();
        try {
            Runtime.getRuntime().removeShutdownHook(atExit);
        } catch (IllegalStateException e) {
            // It runs, and has nothing to do.
        }
    }

    private void end() {
        synchronized (this) {
            ending = true;
        }
        started().forEach(Process::destroy);
        try {
            awaitEnd(Duration.ofSeconds(END_SECONDS));
            for (Process process : started()) {
                process.destroyForcibly().waitFor();
            }
        } catch (InterruptedException e) {
            started().forEach(Process::destroyForcibly);
            Thread.currentThread().interrupt();
        }
    }
}
