package io.workerpipe.supervise;

import java.time.Duration;

/** The pause before a worker is started again: twice as long each time, short again after a stable while. One thread. */
final class Backoff {
    private final Duration first;
    private final Duration longest;
    private final Duration stableAfter;
    private Duration next;

    Backoff(Duration first, Duration longest, Duration stableAfter) {
        this.first = first;
        this.longest = longest;
        this.stableAfter = stableAfter;
        next = first;
    }

    /** @param ran how long the worker had run that has died now */
    Duration pause(Duration ran) {
        if (ran.compareTo(stableAfter) >= 0) {
            next = first;
        }
        Duration pause = next;
        Duration twice = pause.multipliedBy(2);
        next = twice.compareTo(longest) < 0 ? twice : longest;
        return pause;
    }
}
