package io.workerpipe.roster;

import static io.workerpipe.roster.RosterLayout.BYTE;
import static io.workerpipe.roster.RosterLayout.EPOCH_AT;
import static io.workerpipe.roster.RosterLayout.INBOX_FD_AT;
import static io.workerpipe.roster.RosterLayout.INBOX_INODE_AT;
import static io.workerpipe.roster.RosterLayout.INCARNATION_AT;
import static io.workerpipe.roster.RosterLayout.INDEX_AT;
import static io.workerpipe.roster.RosterLayout.INT;
import static io.workerpipe.roster.RosterLayout.LABEL_AT;
import static io.workerpipe.roster.RosterLayout.LABEL_LENGTH;
import static io.workerpipe.roster.RosterLayout.LONG;
import static io.workerpipe.roster.RosterLayout.MAGIC;
import static io.workerpipe.roster.RosterLayout.MAGIC_AT;
import static io.workerpipe.roster.RosterLayout.NEXT_INCARNATION_AT;
import static io.workerpipe.roster.RosterLayout.PID_AT;
import static io.workerpipe.roster.RosterLayout.REMOVED_AT;
import static io.workerpipe.roster.RosterLayout.SLOT;
import static io.workerpipe.roster.RosterLayout.SLOTS;
import static io.workerpipe.roster.RosterLayout.START_TIME_AT;
import static io.workerpipe.roster.RosterLayout.STATE_AT;
import static io.workerpipe.roster.RosterLayout.slotAt;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;
import java.util.Optional;

/**
 * The shared table in memory. Reading and {@code free} are safe for any thread and process and take no lock;
 * {@code claim} and {@code markRemoved} only under the {@link GroupLock}; {@code publish} and {@code leaving} only by the
 * owner.
 *
 * <p>The order that keeps a reader right: a claim writes the new incarnation before anything else of the slot, and the
 * state after everything else. So whoever sees one new word of a slot sees another incarnation too when he looks again.
 * A process killed at any point leaves either a free slot, or a whole one whose owner is gone.
 *
 * <p>The state's word names the incarnation too, by its low bits: a CAS that is late changes nothing of the next owner's.
 */
final class SlotTable {
    /** Each one more means that a slot was left and claimed meanwhile, which takes others much longer than a look. */
    private static final int MOST_LOOKS = 100_000;

    /** A state's word of a slot that is free. Else: the state, and above it what there is room for of the incarnation. */
    private static final int NOBODYS = 0;
    private static final int STATE_BITS = 8;

    private final MemorySegment memory;

    SlotTable(MemorySegment memory) {
        this.memory = memory;
    }

    long epoch() {
        return (long) LONG.getAcquire(memory, EPOCH_AT);
    }

    /** False if something else has written over the file's beginning. */
    boolean isRoster() {
        return (long) LONG.getAcquire(memory, MAGIC_AT) == MAGIC;
    }

    /** After the change that it tells of. */
    private void moveEpoch() {
        long _ = (long) LONG.getAndAdd(memory, EPOCH_AT, 1L);
    }

    boolean isRemoved() {
        return (int) INT.getAcquire(memory, REMOVED_AT) != 0;
    }

    void markRemoved() {
        INT.setRelease(memory, REMOVED_AT, 1);
    }

    static int word(State state, long incarnation) {
        return state == State.FREE ? NOBODYS : (int) incarnation << STATE_BITS | state.ordinal();
    }

    private int word(int slot) {
        return (int) INT.getAcquire(memory, slotAt(slot) + STATE_AT);
    }

    boolean isFree(int slot) {
        return word(slot) == NOBODYS;
    }

    /** How many slots are somebody's. */
    int occupied() {
        int count = 0;
        for (int slot = 0; slot < SLOTS; slot++) {
            if (!isFree(slot)) {
                count++;
            }
        }
        return count;
    }

    /** What a slot says, empty if it is free; tried again if it was given to somebody else under our eyes. */
    Optional<Entry> read(int slot) throws RosterException {
        long at = slotAt(slot);
        for (int looks = 0; looks < MOST_LOOKS; looks++) {
            // In this order: a state read first could be that of the owner before.
            long incarnation = (long) LONG.getAcquire(memory, at + INCARNATION_AT);
            int word = word(slot);
            if (word == NOBODYS) {
                return Optional.empty();
            }
            State state = State.of(word & (1 << STATE_BITS) - 1);
            Entry entry = read(slot, at, state, incarnation);
            VarHandle.loadLoadFence();
            if ((long) LONG.getOpaque(memory, at + INCARNATION_AT) == incarnation) {
                if (state == null || word != word(state, incarnation)) {
                    throw new RosterException("slot " + slot + " of the roster is in state " + word + ": expected 0 to "
                            + State.GUEST.ordinal() + " of incarnation " + incarnation
                            + "; something else has written into the file, start the group anew");
                }
                return Optional.of(entry);
            }
            Thread.onSpinWait();
        }
        throw new RosterException(
                "slot " + slot + " of the roster changes all the time: expected that workers come and go"
                        + " more slowly; something else writes into the file, start the group anew");
    }

    private Entry read(int slot, long at, State state, long incarnation) {
        // The number is written before the inode.
        long inboxInode = (long) LONG.getAcquire(memory, at + INBOX_INODE_AT);
        int inboxFd = (int) INT.getOpaque(memory, at + INBOX_FD_AT);
        byte[] label = new byte[Math.min(LABEL_LENGTH, Byte.toUnsignedInt(memory.get(BYTE, at + LABEL_AT)))];
        MemorySegment.copy(memory, BYTE, at + LABEL_AT + 1, label, 0, label.length);
        return new Entry(slot, state, (int) INT.getOpaque(memory, at + PID_AT),
                (long) LONG.getOpaque(memory, at + START_TIME_AT), incarnation, inboxInode == 0 ? -1 : inboxFd,
                inboxInode, (int) INT.getOpaque(memory, at + INDEX_AT), Label.decode(label));
    }

    /** Makes a free slot somebody's, with all counters at 0; returns the incarnation. */
    long claim(int slot, Owner owner, boolean guest, String label, int index) {
        long at = slotAt(slot);
        long incarnation = (long) LONG.getAndAdd(memory, NEXT_INCARNATION_AT, 1L);
        // Released: who sees it sees that the owner before has gone.
        LONG.setRelease(memory, at + INCARNATION_AT, incarnation);
        VarHandle.storeStoreFence();
        LONG.setOpaque(memory, at + INBOX_INODE_AT, 0L);
        INT.setOpaque(memory, at + INBOX_FD_AT, -1);
        INT.setOpaque(memory, at + PID_AT, owner.pid());
        LONG.setOpaque(memory, at + START_TIME_AT, owner.startTime());
        INT.setOpaque(memory, at + INDEX_AT, index);
        memory.asSlice(at + LABEL_AT, SLOT - LABEL_AT).fill((byte) 0);
        byte[] bytes = Label.encode(label);
        memory.set(BYTE, at + LABEL_AT, (byte) bytes.length);
        MemorySegment.copy(bytes, 0, memory, BYTE, at + LABEL_AT + 1, bytes.length);
        INT.setRelease(memory, at + STATE_AT, word(guest ? State.GUEST : State.JOINING, incarnation));
        return incarnation;
    }

    /** Makes an inbox known, and a joining worker live; false if the slot is not this owner's any more. */
    boolean publish(int slot, long incarnation, long inboxInode, int inboxFd) {
        if (!isHeldBy(slot, incarnation)) {
            return false;
        }
        long at = slotAt(slot);
        INT.setOpaque(memory, at + INBOX_FD_AT, inboxFd);
        LONG.setRelease(memory, at + INBOX_INODE_AT, inboxInode);
        move(slot, incarnation, State.JOINING, State.LIVE);
        moveEpoch();
        return true;
    }

    /** Takes a live worker off the list of those that get alerts; false if it was not on it. */
    boolean leaving(int slot, long incarnation) {
        if (!move(slot, incarnation, State.LIVE, State.LEAVING)) {
            return false;
        }
        moveEpoch();
        return true;
    }

    /** Frees the slot of one who was found to be gone; false if it has changed since he was looked at, so that he is not. */
    boolean free(Entry gone) {
        int word = word(gone.state(), gone.incarnation());
        if (word(gone.slot()) != word
                || !INT.compareAndSet(memory, slotAt(gone.slot()) + STATE_AT, word, NOBODYS)) {
            return false;
        }
        moveEpoch();
        return true;
    }

    /** Frees one's own slot; false if it is not of this incarnation any more. */
    boolean free(int slot, long incarnation) {
        for (int word = word(slot); isOf(word, incarnation); word = word(slot)) {
            if (INT.compareAndSet(memory, slotAt(slot) + STATE_AT, word, NOBODYS)) {
                moveEpoch();
                return true;
            }
        }
        return false;
    }

    Counters counters(int slot) {
        return new Counters(memory.asSlice(slotAt(slot), SLOT));
    }

    private boolean isHeldBy(int slot, long incarnation) {
        return isOf(word(slot), incarnation);
    }

    private static boolean isOf(int word, long incarnation) {
        return word != NOBODYS && word >>> STATE_BITS == (int) incarnation << STATE_BITS >>> STATE_BITS;
    }

    /** Reads first: the JVM survives a read of what was cut off the file, but not a CAS. */
    private boolean move(int slot, long incarnation, State from, State to) {
        return isHeldBy(slot, incarnation)
                && INT.compareAndSet(memory, slotAt(slot) + STATE_AT, word(from, incarnation), word(to, incarnation));
    }
}
