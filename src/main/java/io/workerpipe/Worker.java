package io.workerpipe;

import io.workerpipe.roster.Entry;

/**
 * A member of a group. Immutable; any thread.
 *
 * @param pid         its process id
 * @param slot        its place in the roster, 0 to 1,023; free for others once it is gone
 * @param incarnation tells it from those who had its slot before; unique within the group
 * @param index       its number, like {@code ngx.worker.id()}; -1 if it was given none
 * @param label       what it is called in lists; empty if it was given none
 */
public record Worker(long pid, int slot, long incarnation, int index, String label) {
    static Worker of(Entry entry) {
        return new Worker(entry.pid(), entry.slot(), entry.incarnation(), entry.index(), entry.label());
    }

    /** A sender of which no more is known: from outside the roster, or gone already. */
    static Worker unknown(int pid, int slot) {
        return new Worker(pid, slot, 0, -1, "");
    }

    /** The process id, and the label if there is one. */
    @Override
    public String toString() {
        return label.isEmpty() ? Long.toString(pid) : pid + " (" + label + ")";
    }
}
