package io.workerpipe.wire;

import java.lang.foreign.MemorySegment;
import java.util.function.Consumer;

/** The alerts of which some packets have come: at most one a sender. Used by one thread. */
final class OpenAlerts {
    /** One alert that is not whole; used again for another when it is over. */
    static final class Open {
        long sender;
        long total;
        int nameLength;
        /** Null once it is given up: the rest of its packets is taken in without a word. */
        MemorySegment memory;
        long received;
        /** When a packet came last, in packets. */
        long touched;
    }

    /** So many are kept for the next alerts. */
    private static final int MOST_SPARE = 64;

    /** Open addressing with linear probing, at most half full. */
    private Open[] table = new Open[16];
    private int size;
    private Open last;
    private final Open[] spare = new Open[MOST_SPARE];
    private int spares;
    private long packets;

    Open find(long sender) {
        Open cached = last;
        if (cached != null && cached.sender == sender) {
            return cached;
        }
        if (size == 0) {
            return null;
        }
        for (int at = place(sender); table[at] != null; at = at + 1 & table.length - 1) {
            if (table[at].sender == sender) {
                last = table[at];
                return last;
            }
        }
        return null;
    }

    /** Adds one whose sender has none. */
    Open add(long sender, long total, int nameLength) {
        Open open = spares == 0 ? new Open() : spare[--spares];
        open.sender = sender;
        open.total = total;
        open.nameLength = nameLength;
        open.received = 0;
        if (2 * (size + 1) > table.length) {
            grow();
        }
        insert(open);
        size++;
        last = open;
        return open;
    }

    private void insert(Open open) {
        int at = place(open.sender);
        while (table[at] != null) {
            at = at + 1 & table.length - 1;
        }
        table[at] = open;
    }

    private void grow() {
        Open[] old = table;
        table = new Open[2 * old.length];
        for (Open open : old) {
            if (open != null) {
                insert(open);
            }
        }
    }

    /** It must not be used after this. */
    void remove(Open open) {
        int at = place(open.sender);
        while (table[at] != open) {
            at = at + 1 & table.length - 1;
        }
        table[at] = null;
        size--;
        last = null;
        // Whoever had to step over this place must be found without it.
        for (int next = at + 1 & table.length - 1; table[next] != null; next = next + 1 & table.length - 1) {
            Open moved = table[next];
            table[next] = null;
            insert(moved);
        }
        open.memory = null;
        if (spares < MOST_SPARE) {
            spare[spares++] = open;
        }
    }

    /** A packet of it has come. */
    void touch(Open open) {
        open.touched = ++packets;
    }

    /** The one whose last packet is the longest ago, null if there is none. Looks at all. */
    Open longestIdle() {
        Open longest = null;
        for (Open open : table) {
            if (open != null && (longest == null || open.touched < longest.touched)) {
                longest = open;
            }
        }
        return longest;
    }

    int size() {
        return size;
    }

    void forEach(Consumer<Open> action) {
        for (Open open : table) {
            if (open != null) {
                action.accept(open);
            }
        }
    }

    private int place(long sender) {
        return (int) (sender * 0x9E37_79B9_7F4A_7C15L >>> 40) & table.length - 1;
    }
}
