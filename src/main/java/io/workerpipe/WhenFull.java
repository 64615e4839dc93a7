package io.workerpipe;

import java.time.Duration;

/**
 * What {@code send} does when a receiver's outbox, or the memory of all outboxes, is full. It never makes
 * {@link Ipc#trySend} wait.
 */
public sealed interface WhenFull {
    /**
     * Throws {@link OutboxFullException} at once. The default.
     *
     * @return the policy
     */
    static WhenFull refuse() {
        return new Refuse();
    }

    /**
     * Waits for room, at most this long, then throws {@link OutboxFullException}. A handler that sends to its own worker
     * cannot wait for itself: that throws {@link IllegalStateException}. Two handlers that wait for each other's full
     * inbox wait the whole time: in handlers, refuse, or keep it short.
     *
     * @param limit the longest wait for one receiver
     * @return the policy
     */
    static WhenFull waitAtMost(Duration limit) {
        return new Wait(limit);
    }

    /** Throws at once. */
    record Refuse() implements WhenFull {}

    /**
     * Waits for room.
     *
     * @param limit the longest wait for one receiver
     */
    record Wait(Duration limit) implements WhenFull {
        /**
         * A limit that is no less than nothing.
         *
         * @param limit the longest wait for one receiver
         */
        public Wait {
            if (limit.isNegative()) {
                throw new IllegalArgumentException("a wait of " + limit + " is less than nothing");
            }
        }
    }
}
