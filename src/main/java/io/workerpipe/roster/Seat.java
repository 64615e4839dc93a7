package io.workerpipe.roster;

/**
 * This process's slot in a roster, from claim to close: safe for any thread.
 *
 * <p>A seat that is never closed is reaped by others once its process has ended.
 */
public final class Seat implements AutoCloseable {
    private final Roster roster;
    private final int slot;
    private final long incarnation;
    private volatile boolean closed;

    Seat(Roster roster, int slot, long incarnation) {
        this.roster = roster;
        this.slot = slot;
        this.incarnation = incarnation;
    }

    /**
     * The roster that this is a seat in.
     *
     * @return the roster, still to be closed when the seat is
     */
    public Roster roster() {
        return roster;
    }

    /** Whether it has not been closed. */
    boolean isOpen() {
        return !closed;
    }

    /**
     * Which slot.
     *
     * @return 0 to 1,023
     */
    public int slot() {
        return slot;
    }

    /**
     * What tells this use of the slot from all others.
     *
     * @return 1 or more
     */
    public long incarnation() {
        return incarnation;
    }

    /**
     * The counters of this slot, to be written until the seat is closed and not after.
     *
     * @return a view
     */
    public Counters counters() {
        return roster.counters(slot);
    }

    /**
     * Makes the inbox known: a joining worker becomes live, a guest stays a guest. Size the pipe before.
     *
     * @param inboxInode the pipe's inode number, not 0
     * @param inboxFd    the number of its read end in this process
     * @throws RosterException if somebody took the slot away, or the file is damaged
     */
    public synchronized void publish(long inboxInode, int inboxFd) throws RosterException {
        if (inboxInode == 0 || inboxFd < 0) {
            throw new IllegalArgumentException("inode " + inboxInode + ", descriptor " + inboxFd + " is no inbox");
        }
        requireOpen();
        if (!roster.publish(slot, incarnation, inboxInode, inboxFd)) {
            throw new RosterException("slot " + slot + " was taken away from this process (incarnation " + incarnation
                    + "): expected to keep it until it is closed; join again");
        }
    }

    /**
     * Says that this worker wants nothing new; a joining worker and a guest, who get nothing anyway, stay as they are.
     *
     * @throws RosterException if the file is damaged
     */
    public synchronized void leaving() throws RosterException {
        requireOpen();
        roster.leaving(slot, incarnation);
    }

    /**
     * Frees the slot; the last one to do so removes the group's files. Does nothing the second time.
     *
     * @throws RosterException if the file is damaged, or the files cannot be removed; the seat is closed all the same
     */
    @Override
    public synchronized void close() throws RosterException {
        if (!closed) {
            closed = true;
            roster.free(slot, incarnation);
        }
    }

    private void requireOpen() {
        if (closed) {
            throw new IllegalStateException("slot " + slot + " has been left");
        }
    }
}
