package io.workerpipe.loop;

import java.time.Duration;

/**
 * What a send does that finds no room.
 *
 * @param patience  how long it waits for it; null: not at all
 * @param drops     whether alerts are dropped then, as {@link GroupOptions#dropping} says
 * @param keepsPace whether it waits for a pipe that moves, too, and does not run far ahead of it; with patience only
 */
public record NoRoom(Duration patience, boolean drops, boolean keepsPace) {
    /** Refuses at once. */
    public static final NoRoom REFUSE = new NoRoom(null, false, false);
    /** Drops alerts. */
    public static final NoRoom DROP = new NoRoom(null, true, false);

    /** The same for a thread that may not wait. */
    public NoRoom withoutWaiting() {
        return patience == null ? this : REFUSE;
    }

    /** The same for one who sends to many: the others would wait with him. */
    public NoRoom withoutPace() {
        return keepsPace ? new NoRoom(patience, drops, false) : this;
    }

    /** What is left of it for one who waits and has done so for a time. */
    NoRoom after(long nanos) {
        return new NoRoom(patience.minusNanos(nanos), drops, keepsPace);
    }

    /** Waits at most so long, and refuses then. */
    public static NoRoom waitAtMost(Duration limit) {
        return new NoRoom(limit, false, true);
    }
}
