package io.workerpipe.linux;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** Waits for what another thread or process is about to do, by looking. */
final class Until {
    private static final long LIMIT_NANOS = TimeUnit.SECONDS.toNanos(20);

    private Until() {}

    static void isTrue(String what, BooleanSupplier condition) {
        long start = System.nanoTime();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - start > LIMIT_NANOS) {
                throw new AssertionError("did not happen: " + what);
            }
            Thread.yield();
        }
    }

    /** The calling thread, as /proc/self/task names it. */
    static int ownTask() {
        try {
            return Integer.parseInt(Files.readSymbolicLink(Path.of("/proc/thread-self")).getFileName().toString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Until a thread sleeps in a system call, given by its number on x86-64. */
    static void sleepsIn(int systemCall, int task) {
        Path folder = Path.of("/proc/self/task", Integer.toString(task));
        isTrue("task " + task + " waits in system call " + systemCall, () -> {
            try {
                return Files.readString(folder.resolve("syscall")).startsWith(systemCall + " ");
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }
}
