package io.workerpipe.loop;

import java.util.concurrent.atomic.AtomicLong;

/** What the outboxes of a group drop, and how many bytes all of them together may keep in their overflows. Any thread. */
final class DropRule {
    final Dropping dropping;
    private final long limit;
    private final AtomicLong taken = new AtomicLong();

    DropRule(Dropping dropping, long limit) {
        this.dropping = dropping;
        this.limit = limit;
    }

    /** Takes a part of it; false if it is not there. */
    boolean take(long bytes) {
        for (;;) {
            long seen = taken.get();
            if (seen + bytes > limit) {
                return false;
            }
            if (taken.compareAndSet(seen, seen + bytes)) {
                return true;
            }
        }
    }

    /** Whether it would be there if so much were given back first. */
    boolean couldTake(long bytes, long given) {
        return taken.get() - given + bytes <= limit;
    }

    void give(long bytes) {
        taken.addAndGet(-bytes);
    }

    /** Bytes that all overflows hold. */
    long taken() {
        return taken.get();
    }
}
