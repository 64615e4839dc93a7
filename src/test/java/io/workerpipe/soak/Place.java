package io.workerpipe.soak;

import io.workerpipe.process.ChildJvm;
import java.util.concurrent.atomic.AtomicBoolean;

/** One worker's place: the process that has it now. One fault at a time happens to it. */
final class Place {
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

    /** Each place has a policy of its own, and those that refuse less room. */
    String policy() {
        return number % 2 == 0 ? "wait" : "refuse";
    }

    long outboxBytes() {
        return number % 4 == 1 ? 1 << 20 : 16 << 20;
    }
}
