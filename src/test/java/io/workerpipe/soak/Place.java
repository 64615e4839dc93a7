package io.workerpipe.soak;

import io.workerpipe.process.ChildJvm;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

/** One worker's place: the process that has it now. One fault at a time happens to it. */
final class Place {
    private static final List<String> POLICIES = List.of("wait", "refuse", "drop-newest", "drop-oldest", "keep-last");

    final int number;
    volatile ChildJvm child;
    private final AtomicBoolean busy = new AtomicBoolean();

    Place(int number) {
        this.number = number;
    }

    boolean take() {
        return busy.compareAndSet(false, true);
    }

    void release() {
        busy.set(false);
    }

    boolean isBusy() {
        return busy.get();
    }

    String name() {
        return "w" + number;
    }

    /** Each place has a policy of its own. */
    String policy() {
        return POLICIES.get(number % POLICIES.size());
    }

    boolean drops() {
        return policy().contains("drop") || policy().contains("keep");
    }

    /** Little where something shall be dropped or refused. */
    long outboxBytes() {
        return policy().equals("wait") ? 16 << 20 : drops() ? 256 << 10 : 1 << 20;
    }
}
