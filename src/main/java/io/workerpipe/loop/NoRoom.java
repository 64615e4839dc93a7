package io.workerpipe.loop;

import java.time.Duration;

/**
 * What a send does that finds no room.
 *
 * @param patience how long it waits for it; null: not at all
 * @param drops whether alerts are dropped then, as {@link GroupOptions#dropping} says
 */
public record NoRoom(Duration patience, boolean drops) {
    /** Refuses at once. */
    public static final NoRoom REFUSE = new NoRoom(null, false);
    /** Drops alerts. */
    public static final NoRoom DROP = new NoRoom(null, true);

    /** The same for a thread that may not wait. */
    public NoRoom withoutWaiting() {
        return patience == null ? this : REFUSE;
    }

    /** What is left of it for one who waits and has done so for a time. */
    NoRoom after(long nanos) {
        return new NoRoom(patience.minusNanos(nanos), drops);
    }

    /** Waits at most so long, and refuses then. */
    public static NoRoom waitAtMost(Duration limit) {
        return new NoRoom(limit, false);
    }
}
