package io.workerpipe.loop;

import io.workerpipe.roster.Counter;
import io.workerpipe.wire.LossNotice;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.locks.ReentrantLock;

/**
 * What a policy that drops keeps beside a full outbox, and drops: any thread puts, and who has the right to flush the
 * outbox feeds it.
 *
 * <p>While anything is in here, alerts or the count of those dropped, the outbox is held: it takes nothing from senders, so
 * that all of them come here, and order is kept. What is fed leaves at the front, the notice of a loss at the place of the
 * loss. A sender that found room before the outbox was held may still claim it: then its alert came before.
 *
 * <p>{@link Dropping#NEWEST} keeps no alerts. Once it has dropped one it drops all, until half of the outbox is free: one
 * notice says it for all of them.
 */
final class Overflow {
    private final Outbox outbox;
    private final DropRule rule;
    private final long limit;
    private final Counts counters;
    private final ReentrantLock lock = new ReentrantLock();
    /** Guarded by the lock. */
    private final Backlog backlog;
    /** Nothing more is taken. Guarded by the lock. */
    private boolean closed;

    // Below: written with the lock, read without.
    private volatile long front = Backlog.NOTHING;
    private volatile long numbers;
    private volatile long bytes;

    /** @param limit bytes that this and its outbox may hold together */
    Overflow(Outbox outbox, DropRule rule, long limit, Counts counters) {
        this.outbox = outbox;
        this.rule = rule;
        this.limit = limit;
        this.counters = counters;
        this.backlog = new Backlog(rule.dropping == Dropping.OLDER_OF_NAME);
    }

    // ---------------------------------------------------------------- any thread

    /** For an alert that the outbox has refused since it is full, or held: ACCEPTED, DROPPED or CLOSED. */
    Outbox.Offer put(byte[] name, MemorySegment data) {
        Kept alert = rule.dropping == Dropping.NEWEST ? null : Kept.of(name, data);
        boolean first;
        boolean kept;
        lock.lock();
        try {
            if (closed) {
                if (alert != null) {
                    alert.free();
                }
                return Outbox.Offer.CLOSED;
            }
            first = isEmpty();
            kept = alert != null && makeRoom(alert);
            if (kept) {
                backlog.add(alert);
            } else {
                backlog.dropNewest();
                counters.add(Counter.DROPPED, 1);
                if (alert != null) {
                    alert.free();
                }
            }
            if (first) {
                outbox.hold();
            }
            show();
        } finally {
            lock.unlock();
        }
        if (first) {
            // Who flushes may have looked in here before this came.
            outbox.requestFlush();
        } else {
            outbox.moved();
        }
        return kept ? Outbox.Offer.ACCEPTED : Outbox.Offer.DROPPED;
    }

    private boolean makeRoom(Kept alert) {
        if (alert.size + outbox.queuedInStream() > limit || !rule.couldTake(alert.size, backlog.bytes())) {
            // If all others here were dropped, it would not be enough.
            return false;
        }
        Kept older = backlog.ofName(alert.name);
        if (older != null) {
            drop(older);
        }
        while (backlog.bytes() + alert.size + outbox.queuedInStream() > limit || !rule.take(alert.size)) {
            Kept oldest = backlog.first();
            if (oldest == null) {
                return false;
            }
            drop(oldest);
        }
        return true;
    }

    private void drop(Kept alert) {
        backlog.drop(alert);
        rule.give(alert.size);
        counters.add(Counter.DROPPED, 1);
        alert.free();
    }

    private void show() {
        numbers = backlog.numbers();
        bytes = backlog.bytes();
        front = backlog.front();
    }

    /** No alert waits, and no loss. */
    boolean isEmpty() {
        return front == Backlog.NOTHING;
    }

    /** The number of what came last. */
    long last() {
        return numbers;
    }

    /** Whether all up to this number, and the notices of what was dropped of it, is in the outbox. */
    boolean isFedTo(long number) {
        return front > number;
    }

    /** Bytes that wait in here. */
    long bytes() {
        return bytes;
    }

    /** Takes nothing more; true if nothing is left to be fed. */
    boolean close() {
        lock.lock();
        try {
            closed = true;
            return isEmpty();
        } finally {
            lock.unlock();
        }
    }

    // ---------------------------------------------------------------- with the right to flush

    /** Moves what there is room for into the outbox. */
    void feed() {
        boolean fed = false;
        while (!isEmpty() && feedNext()) {
            fed = true;
        }
        if (fed) {
            outbox.moved();
            outbox.requestFlush();
        }
    }

    private boolean feedNext() {
        long lost;
        long position;
        Kept alert;
        lock.lock();
        try {
            lost = backlog.lostInFront();
            alert = lost == 0 ? backlog.first() : null;
            if (alert == null && rule.dropping == Dropping.NEWEST && !closed && !outbox.isHalfFree()) {
                return false;
            }
            position = alert == null
                    ? outbox.claimFed(0, LossNotice.BODY)
                    : outbox.claimFed(alert.name.length, alert.data.byteSize());
            if (position < 0) {
                return false;
            }
            if (alert == null) {
                backlog.announced();
            } else {
                backlog.remove(alert);
                rule.give(alert.size);
            }
            show();
            if (isEmpty()) {
                if (closed) {
                    outbox.closeClaims();
                } else {
                    outbox.open();
                }
            }
        } finally {
            lock.unlock();
        }
        if (alert == null) {
            outbox.encodeLoss(position, lost);
        } else {
            outbox.encodeFed(position, alert.name, alert.data);
            alert.free();
        }
        return true;
    }

    /** The receiver is gone, or our time is over: what waits in here is lost. */
    void discard() {
        lock.lock();
        try {
            closed = true;
            counters.add(Counter.LOST_WITH_PEER, backlog.count());
            for (Kept alert = backlog.first(); alert != null; alert = backlog.first()) {
                backlog.remove(alert);
                rule.give(alert.size);
                alert.free();
            }
            backlog.announced();
            show();
        } finally {
            lock.unlock();
        }
        outbox.moved();
    }
}
