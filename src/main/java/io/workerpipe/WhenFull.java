package io.workerpipe;

import java.time.Duration;

/**
 * What {@code send}, {@code broadcast} and {@code reply} do when a receiver's outbox, or the memory of all outboxes, is
 * full. It never makes {@link Ipc#trySend} wait or drop, nor {@link Ipc#lend}: those say that there is no room.
 *
 * <p><b>Policies that drop</b> make neither the sender wait nor throw. What they drop is counted
 * ({@link Statistics#dropped}), and the receiver is told how many ({@link Ipc#receiveLoss}), at their place among the
 * alerts of this sender. An alert longer than an outbox is still refused.
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
     * <p>Outside of handlers {@code send} goes at the pipe's pace then, which is faster for both sides: with more than 512
     * KiB in the outbox it waits until half of that is left, and for a pipe that is full a moment, as long as the receiver
     * reads 256 KiB a millisecond or more. If it does not, a millisecond or two are lost for each 8 MiB, and the outbox fills
     * as with the other policies. A thread that is interrupted, and {@code broadcast}, wait only when it is full.
     *
     * @param limit the longest wait for one receiver
     * @return the policy
     */
    static WhenFull waitAtMost(Duration limit) {
        return new Wait(limit);
    }

    /**
     * Drops the alert for which there is no room, and from then on all others to that receiver, until half of its outbox
     * is free: one gap, of which the receiver is told once, instead of many. For what is worth nothing without all that
     * came before it.
     *
     * @return the policy
     */
    static WhenFull dropNewest() {
        return new DropNewest();
    }

    /**
     * Drops the alerts that have waited for longest, as many as the new one needs. A quarter of the outbox is on its way
     * already, and never dropped: the receiver gets that, then the notice, then the newest ones. For what is soon out of
     * date.
     *
     * <p>What waits beyond that quarter waits on the Java heap, or in mappings of its own if it is longer than 1 MiB.
     *
     * @return the policy
     */
    static WhenFull dropOldest() {
        return new DropOldest();
    }

    /**
     * Drops an alert when another one of the same name follows it, and takes its place at the end; where that makes no
     * room, those that have waited for longest. Only what waits beyond a quarter of the outbox is dropped, as by
     * {@link #dropOldest}. For states, where a new value makes the old one worthless.
     *
     * @return the policy
     */
    static WhenFull keepLast() {
        return new KeepLast();
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

    /** Drops what there is no room for. */
    record DropNewest() implements WhenFull {}

    /** Drops what has waited for longest. */
    record DropOldest() implements WhenFull {}

    /** Drops all but the last of each name. */
    record KeepLast() implements WhenFull {}
}
