package io.workerpipe.loop;

import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;

/**
 * Alerts in the order in which they came, and in front of each how many were dropped at that place. Not for several
 * threads.
 */
final class Backlog {
    /** The number of what waits first, where nothing does. */
    static final long NOTHING = Long.MAX_VALUE;

    /** Before the first and behind the last; what is lost before it was lost behind the last. */
    private final Kept end = Kept.none();
    /** The last of each name; null where that is not asked for. */
    private final Map<ByteBuffer, Kept> lastOfName;
    private long bytes;
    private long count;
    private long numbers;

    Backlog(boolean byName) {
        lastOfName = byName ? new HashMap<>() : null;
        end.previous = end;
        end.next = end;
    }

    /** Adds the newest. If names matter, no other one of its name may be here. */
    void add(Kept alert) {
        alert.number = ++numbers;
        alert.lostBefore = end.lostBefore;
        alert.lostSince = end.lostSince;
        end.lostBefore = 0;
        alert.previous = end.previous;
        alert.next = end;
        end.previous.next = alert;
        end.previous = alert;
        bytes += alert.size;
        count++;
        if (lastOfName != null) {
            lastOfName.put(alert.key(), alert);
        }
    }

    /** The newest is dropped before it was added. */
    void dropNewest() {
        lose(end, 1, ++numbers);
    }

    /** The oldest; null if there is none. */
    Kept first() {
        return end.next == end ? null : end.next;
    }

    /** The one of this name; null if there is none. */
    Kept ofName(byte[] name) {
        return lastOfName == null ? null : lastOfName.get(ByteBuffer.wrap(name));
    }

    /** Takes one out that was dropped. */
    void drop(Kept alert) {
        Kept next = alert.next;
        long since = alert.lostBefore == 0 ? alert.number : alert.lostSince;
        long lost = alert.lostBefore + 1;
        remove(alert);
        lose(next, lost, since);
    }

    /** Takes one out that goes on its way; what was lost before it has been announced. */
    void remove(Kept alert) {
        alert.previous.next = alert.next;
        alert.next.previous = alert.previous;
        bytes -= alert.size;
        count--;
        if (lastOfName != null) {
            lastOfName.remove(alert.key());
        }
    }

    /** All that is lost before this one came after what was lost there before. */
    private static void lose(Kept next, long lost, long since) {
        next.lostSince = next.lostBefore == 0 ? since : Math.min(since, next.lostSince);
        next.lostBefore += lost;
    }

    /** How many were dropped before the oldest, or before what comes next if there is none. */
    long lostInFront() {
        return end.next.lostBefore;
    }

    /** They have been announced. */
    void announced() {
        end.next.lostBefore = 0;
    }

    /** The number of what waits first, alert or loss; or {@link #NOTHING}. */
    long front() {
        Kept first = end.next;
        if (first.lostBefore != 0) {
            return first.lostSince;
        }
        return first == end ? NOTHING : first.number;
    }

    /** The number of what came last, dropped or not. */
    long numbers() {
        return numbers;
    }

    /** Bytes that the alerts hold. */
    long bytes() {
        return bytes;
    }

    /** How many alerts there are. */
    long count() {
        return count;
    }
}
