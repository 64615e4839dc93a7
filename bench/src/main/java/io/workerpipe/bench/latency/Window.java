package io.workerpipe.bench.latency;

import io.workerpipe.bench.process.Pause;
import java.time.Duration;

/**
 * The time in which latencies are measured: of what begins in it, whenever that ends. By {@link System#nanoTime}.
 *
 * <p>It is told ahead: a process that hears of it or is looked at needs a processor for that, and what this holds up is
 * late for some time after.
 */
public record Window(long from, long until) {
    private static final Duration AHEAD = Duration.ofMillis(300);

    /** One that begins soon. */
    public static Window of(Duration length) {
        long from = System.nanoTime() + AHEAD.toNanos();
        return new Window(from, from + length.toNanos());
    }

    /** What a process is told. */
    public String command() {
        return "record " + from + " " + until;
    }

    /** Waits until it is over. */
    public void await() throws InterruptedException {
        Pause.of(Duration.ofNanos(until - System.nanoTime()));
    }
}
