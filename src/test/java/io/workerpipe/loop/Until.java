package io.workerpipe.loop;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/** Waits for a condition, at most 60 s. */
final class Until {
    private static final long LIMIT = TimeUnit.SECONDS.toNanos(60);
    private static final long NAP = TimeUnit.MILLISECONDS.toNanos(200);
    /** Of a thread that sleeps for good; one that looks every millisecond has a hundred times as many. */
    private static final long FEW = 2;

    private Until() {}

    static void holds(String what, Callable<Boolean> condition) throws Exception {
        long end = System.nanoTime() + LIMIT;
        while (!condition.call()) {
            if (System.nanoTime() > end) {
                throw new AssertionError("within 60 s not " + what);
            }
            LockSupport.parkNanos(100_000);
        }
    }

    /** Begins a wait in another thread; returns when that waits. */
    static FutureTask<Boolean> waiting(Callable<Boolean> wait) throws Exception {
        FutureTask<Boolean> task = new FutureTask<>(wait);
        Thread thread = Thread.ofPlatform().daemon().start(task);
        holds("waiting", () -> thread.getState() == Thread.State.TIMED_WAITING);
        return task;
    }

    /** A thread of this process, as the system names it, sleeps through a while in which others would look often. */
    static void sleeps(String nativeName) throws Exception {
        Path task = task(nativeName);
        holds(nativeName + " asleep: it was woken again and again", () -> {
            long before = wakeUps(task);
            long end = System.nanoTime() + NAP;
            while (System.nanoTime() < end) {
                LockSupport.parkNanos(end - System.nanoTime());
            }
            return wakeUps(task) - before <= FEW;
        });
    }

    /** A thread has its name a moment after it was started. */
    private static Path task(String nativeName) throws Exception {
        holds("one thread is called " + nativeName, () -> tasks(nativeName).size() == 1);
        return tasks(nativeName).get(0);
    }

    private static List<Path> tasks(String nativeName) throws IOException {
        try (Stream<Path> tasks = Files.list(Path.of("/proc/self/task"))) {
            return tasks.filter(task -> name(task).equals(nativeName)).toList();
        }
    }

    private static String name(Path task) {
        try {
            return Files.readString(task.resolve("comm")).strip();
        } catch (IOException e) {
            // It has ended meanwhile.
            return "";
        }
    }

    static long wakeUps(Path task) throws IOException {
        return Files.readAllLines(task.resolve("status")).stream().filter(line -> line.startsWith("voluntary_ctxt"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", ""))).sum();
    }
}
