package io.workerpipe.supervise;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Consumer;

/**
 * Passes events on to the observer, in order, by a thread of its own: safe for any thread. Where they go may be a
 * terminal that stands still, and the workers must be looked after all the same.
 */
final class Events {
    private static final String END = "";

    private final BlockingQueue<String> waiting = new LinkedBlockingQueue<>();
    private final Observer observer;
    private final Consumer<Throwable> failed;
    private final Thread thread;

    Events(Observer observer, Consumer<Throwable> failed) {
        this.observer = observer;
        this.failed = failed;
        thread = Thread.ofPlatform().daemon().name("workerpipe-events").start(this::pass);
    }

    void say(String text) {
        waiting.add(text);
    }

    /** Waits until all have been passed on, or the time is over. */
    void end(Duration limit) throws InterruptedException {
        waiting.add(END);
        thread.join(limit);
    }

    private void pass() {
        try {
            for (String text = waiting.take(); !text.equals(END); text = waiting.take()) {
                observer.event(text);
            }
        } catch (IOException | RuntimeException e) {
            failed.accept(e);
        } catch (InterruptedException e) {
            // Nobody interrupts it but to end it.
        }
    }
}
