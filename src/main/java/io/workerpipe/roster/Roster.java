package io.workerpipe.roster;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.channels.FileChannel.MapMode;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Who is in a group: a table in shared memory, safe for any thread.
 *
 * <p>Reading takes no lock and asks nobody, nor does reaping or leaving while others stay. What claims a slot, or removes
 * the files after the last one, takes the group's lock: it may wait for others who do the same, some milliseconds each,
 * and as long as one of them is stopped. The map lives until {@link #close}; what is used later throws
 * {@link IllegalStateException}.
 *
 * <p>A file that somebody shortened or damaged makes the methods that say so throw a {@link RosterException}. Those that
 * are called for alerts, {@link #epoch} and the {@link Counters}, do not look: with them the JVM throws an
 * {@link InternalError}, at once or a moment later, which {@link #explain} turns into a reason. The JVM never crashes.
 */
public final class Roster implements AutoCloseable {
    /** How many workers and guests a group can have. */
    public static final int SLOTS = RosterLayout.SLOTS;

    /** Each turn means that a whole group came and went in between. */
    private static final int TRIES = 10_000;

    private static final Object REHEARSAL = new Object();
    private static volatile boolean rehearsed;

    private final GroupFolder group;
    private final RosterFile file;
    private final SlotTable table;
    private final boolean writable;
    private boolean closed;

    private Roster(GroupFolder group, RosterFile file, boolean writable) {
        this.group = group;
        this.file = file;
        this.table = new SlotTable(file.memory());
        this.writable = writable;
    }

    /**
     * Opens a group's roster and creates what is missing.
     *
     * @param folder where the groups are
     * @param name   the group's name
     * @return the roster, to be closed by the caller
     * @throws RosterException          if a folder or file cannot be trusted, used or created
     * @throws IllegalArgumentException if it is no name for a group
     */
    public static Roster open(RosterFolder folder, String name) throws RosterException {
        return opened(folder, name, roster -> roster);
    }

    /** Opens a group's roster, creates what is missing, and does the first thing with it under the same lock. */
    private static <T> T opened(RosterFolder folder, String name, First<T> first) throws RosterException {
        GroupFolder group = new GroupFolder(folder, name);
        Origin here = Origin.here();
        rehearse(folder, name);
        for (int tries = 0; tries < TRIES; tries++) {
            if (!group.prepare()) {
                continue;
            }
            Optional<GroupLock> lock = lockOf(group);
            if (lock.isPresent()) {
                try (GroupLock _ = lock.get()) {
                    return first(new Roster(group, RosterFile.openOrCreate(group, here), true), first);
                }
            }
        }
        throw new RosterException("the group folder " + group.path() + " was removed again and again while joining:"
                + " expected workers that come and go more slowly; try again");
    }

    /**
     * Joins for a trial, in memory of its own. Others wait while somebody has the lock, and what a JVM runs for the first
     * time it has to load and to link: a tenth of a second, many times that where processors are short.
     */
    private static void rehearse(RosterFolder folder, String name) {
        if (rehearsed) {
            return;
        }
        synchronized (REHEARSAL) {
            try (Arena arena = Arena.ofConfined()) {
                SlotTable table = new SlotTable(arena.allocate(RosterLayout.slotAt(1), Long.BYTES));
                Owner owner = Owner.here();
                long incarnation = table.claim(0, owner, false, "", -1);
                table.publish(0, incarnation, 1, 0);
                Entry entry = table.read(0).orElseThrow();
                boolean _ = entry.isGone() | owner.has(entry) | table.free(entry);
                Optional<Roster> real = look(folder, name);
                if (real.isPresent()) {
                    try (Roster roster = real.get()) {
                        roster.all();
                    }
                }
                rehearsed = true;
            } catch (IOException | OutOfMemoryError e) {
                // Whatever it is, it comes once more, where it is said.
            }
        }
    }

    /** Leaves no empty folder behind where the lock cannot be had. */
    private static Optional<GroupLock> lockOf(GroupFolder group) throws RosterException {
        try {
            return GroupLock.take(group);
        } catch (RosterException e) {
            group.removeFolders();
            throw e;
        }
    }

    private static <T> T first(Roster roster, First<T> first) throws RosterException {
        try {
            return roster.intact(() -> first.run(roster));
        } catch (RosterException | RuntimeException | Error e) {
            try (RosterFile _ = roster.file) {
                roster.intact(() -> {
                    roster.removeIfEmpty();
                    return null;
                });
            } catch (RosterException second) {
                e.addSuppressed(second);
            }
            throw e;
        }
    }

    private interface First<T> {
        T run(Roster roster) throws RosterException;
    }

    /**
     * Opens a group's roster to read it; creates nothing, takes no lock.
     *
     * @param folder where the groups are
     * @param name   the group's name
     * @return the roster, to be closed by the caller, or empty if the group has none, or only one of another boot
     * @throws RosterException          if a folder or file cannot be trusted or used
     * @throws IllegalArgumentException if it is no name for a group
     */
    public static Optional<Roster> look(RosterFolder folder, String name) throws RosterException {
        GroupFolder group = new GroupFolder(folder, name);
        if (!group.check()) {
            return Optional.empty();
        }
        return RosterFile.open(group, Origin.here(), MapMode.READ_ONLY).map(file -> new Roster(group, file, false));
    }

    /**
     * Opens a group's roster and claims a slot.
     *
     * @param folder where the groups are
     * @param name   the group's name
     * @param guest  see {@link #claim}
     * @param label  see {@link #claim}
     * @param index  see {@link #claim}
     * @return the seat; close it, then its roster
     * @throws RosterException          as {@link #open} and {@link #claim}
     * @throws IllegalArgumentException if it is no name for a group
     */
    public static Seat join(RosterFolder folder, String name, boolean guest, String label, int index)
            throws RosterException {
        Owner owner = Owner.here();
        return opened(folder, name, roster -> roster.claimLocked(owner, guest, label, index));
    }

    /**
     * Reaps the slots of all who are gone, and removes the group's files if nobody is left: for who is no member, after
     * the last members were killed. Creates nothing.
     *
     * @param folder where the groups are
     * @param name   the group's name
     * @return how many slots were freed
     * @throws RosterException          if a folder or file cannot be trusted or used
     * @throws IllegalArgumentException if it is no name for a group
     */
    public static int sweep(RosterFolder folder, String name) throws RosterException {
        GroupFolder group = new GroupFolder(folder, name);
        if (!group.check()) {
            // Whoever was killed while he made the folders, or removed them, can have left the one above.
            group.removeFolders();
            return 0;
        }
        Optional<GroupLock> lock = GroupLock.takeExisting(group);
        if (lock.isEmpty()) {
            // All that the last one, killed while he removed everything, can have left.
            group.removeFolders();
            return 0;
        }
        try (GroupLock _ = lock.get()) {
            Optional<RosterFile> file = RosterFile.open(group, Origin.here(), MapMode.READ_WRITE);
            if (file.isEmpty()) {
                group.remove();
                return 0;
            }
            try (RosterFile mapped = file.get()) {
                Roster roster = new Roster(group, mapped, true);
                return roster.intact(() -> {
                    int freed = roster.freeAllGone();
                    roster.removeIfEmpty();
                    return freed;
                });
            }
        }
    }

    /**
     * The group.
     *
     * @return its name
     */
    public String group() {
        return group.name();
    }

    /**
     * A number that has moved whenever somebody joined, left or was reaped. Read it before the entries: what changes
     * after that moves it again.
     *
     * @return the number
     */
    public long epoch() {
        return table.epoch();
    }

    /**
     * What a slot says.
     *
     * @param slot 0 to 1,023
     * @return the entry, or empty if the slot is free
     * @throws RosterException           if the file is damaged
     * @throws IndexOutOfBoundsException if there is no such slot
     */
    public Optional<Entry> entry(int slot) throws RosterException {
        return intact(() -> table.read(slot));
    }

    /**
     * The workers that receive, by the table alone: {@link Entry#isGone} knows who has died and not been reaped yet.
     *
     * @return the entries in state {@link State#LIVE}, by slot
     * @throws RosterException if the file is damaged
     */
    public List<Entry> live() throws RosterException {
        return all().stream().filter(entry -> entry.state() == State.LIVE).toList();
    }

    /**
     * All who have a slot, guests included.
     *
     * @return the entries, by slot
     * @throws RosterException if the file is damaged
     */
    public List<Entry> all() throws RosterException {
        return intact(() -> {
            List<Entry> entries = new ArrayList<>();
            for (int slot = 0; slot < SLOTS; slot++) {
                table.read(slot).ifPresent(entries::add);
            }
            return entries;
        });
    }

    /**
     * The counters of a slot, which are those of its owner at the time of reading.
     *
     * @param slot 0 to 1,023
     * @return a view, to be written by the slot's owner only
     * @throws IndexOutOfBoundsException if there is no such slot
     */
    public Counters counters(int slot) {
        return table.counters(slot);
    }

    /**
     * Claims the first free slot for this process, and reaps on the way.
     *
     * @param guest whether this process only sends
     * @param label what it calls itself; what is longer than 63 bytes of UTF-8 is cut between two characters
     * @param index what it calls itself by number, -1 for none
     * @return the seat
     * @throws AlreadyMemberException if this process has one in this group
     * @throws RosterFullException    if 1,024 processes that are alive have all slots
     * @throws RosterRemovedException if the last worker left since this roster was opened
     * @throws RosterException        if the file is damaged
     */
    public Seat claim(boolean guest, String label, int index) throws RosterException {
        return claim(Owner.here(), guest, label, index);
    }

    /** Claims a slot in the name of a process. */
    Seat claim(Owner owner, boolean guest, String label, int index) throws RosterException {
        requireWritable();
        Optional<GroupLock> lock = GroupLock.takeExisting(group);
        if (lock.isEmpty()) {
            throw removed();
        }
        try (GroupLock _ = lock.get()) {
            return intact(() -> {
                if (table.isRemoved() || !file.isInPlace()) {
                    throw removed();
                }
                return claimLocked(owner, guest, label, index);
            });
        }
    }

    private Seat claimLocked(Owner owner, boolean guest, String label, int index) throws RosterException {
        int slot = freeSlot(owner);
        return new Seat(this, slot, table.claim(slot, owner, guest, label, index));
    }

    private int freeSlot(Owner owner) throws RosterException {
        int free = -1;
        Map<State, Integer> taken = new EnumMap<>(State.class);
        for (int slot = 0; slot < SLOTS; slot++) {
            Optional<Entry> entry = table.read(slot);
            if (entry.isPresent() && !freeIfGone(entry.get()) && !table.isFree(slot)) {
                if (owner.has(entry.get())) {
                    throw new AlreadyMemberException("process " + owner.pid() + " is a member of group \""
                            + group.name() + "\" already (slot " + slot + ", " + lower(entry.get().state())
                            + "): expected one membership per group and process; close the first one before");
                }
                taken.merge(entry.get().state(), 1, Integer::sum);
            } else if (free < 0) {
                free = slot;
            }
        }
        if (free < 0) {
            String figures = taken.entrySet().stream().map(e -> e.getValue() + " " + lower(e.getKey()))
                    .collect(Collectors.joining(", "));
            throw new RosterFullException("group \"" + group.name() + "\" is full: all " + SLOTS
                    + " slots belong to processes that are alive (" + figures
                    + "); end some of them, or use another group");
        }
        return free;
    }

    /**
     * Refuses a roster that is not at its place any more: whoever comes new makes another one.
     *
     * @throws RosterRemovedException with the reason
     * @throws RosterException        if that cannot be told now
     */
    public void requireInPlace() throws RosterException {
        if (!table.isRemoved() && !file.isInPlace()) {
            throw new RosterRemovedException(group.roster()
                    + " was removed or replaced: expected nobody to touch it while"
                    + " workers are in the group; those who know each other go on, stop them and start them again");
        }
    }

    /**
     * Refuses a roster in which a seat of this process is not its own any more, although it has not been left.
     *
     * @param seat a seat in this roster
     * @throws RosterException with the reason
     */
    public void requireSeat(Seat seat) throws RosterException {
        if (seat.isOpen() && !intact(table::isRoster) && seat.isOpen()) {
            throw new RosterException(group.roster() + " is not a roster any more: expected that nothing else writes"
                    + " into the file; stop all workers of the group, remove " + group.path()
                    + " and start them again");
        }
        if (seat.isOpen() && entry(seat.slot()).filter(entry -> entry.incarnation() == seat.incarnation()).isEmpty()
                && seat.isOpen()) {
            throw new RosterException("slot " + seat.slot() + " of " + group.roster()
                    + " is not this worker's any more: expected that nothing else writes into the file; stop all workers"
                    + " of the group, remove " + group.path() + " and start them again");
        }
    }

    /**
     * Frees the slot of somebody who is gone; the files go too if he was the last.
     *
     * @param slot        0 to 1,023
     * @param incarnation the one that is thought to be gone
     * @return false if it has been freed meanwhile, or its owner is not certainly gone
     * @throws RosterException           if the file is damaged, or /proc cannot be read
     * @throws IndexOutOfBoundsException if there is no such slot
     */
    public boolean reap(int slot, long incarnation) throws RosterException {
        requireWritable();
        return intact(() -> {
            Optional<Entry> suspect = table.read(slot).filter(entry -> entry.incarnation() == incarnation);
            if (suspect.isEmpty() || !freeIfGone(suspect.get())) {
                return false;
            }
            removeFilesIfEmpty();
            return true;
        });
    }

    /**
     * Frees the slots of all who are gone; the files go too if nobody is left.
     *
     * @return how many
     * @throws RosterException if the file is damaged, or /proc cannot be read
     */
    public int reapAll() throws RosterException {
        requireWritable();
        return intact(() -> {
            int freed = freeAllGone();
            removeFilesIfEmpty();
            return freed;
        });
    }

    private int freeAllGone() throws RosterException {
        int freed = 0;
        for (int slot = 0; slot < SLOTS; slot++) {
            Optional<Entry> entry = table.read(slot);
            if (entry.isPresent() && freeIfGone(entry.get())) {
                freed++;
            }
        }
        return freed;
    }

    /** False if somebody else has freed it meanwhile. */
    private boolean freeIfGone(Entry entry) throws RosterException {
        return isGone(entry) && table.free(entry);
    }

    boolean publish(int slot, long incarnation, long inboxInode, int inboxFd) throws RosterException {
        return intact(() -> table.publish(slot, incarnation, inboxInode, inboxFd));
    }

    boolean leaving(int slot, long incarnation) throws RosterException {
        return intact(() -> table.leaving(slot, incarnation));
    }

    /** The lock is needed to remove the files only: what hinders that leaves the slot free all the same. */
    boolean free(int slot, long incarnation) throws RosterException {
        return intact(() -> {
            boolean freed = table.free(slot, incarnation);
            if (nobodyIsAlive()) {
                removeFilesIfEmpty();
            }
            return freed;
        });
    }

    /** Frees slots up to the first whose owner is not gone for certain. The last one to leave frees all. */
    private boolean nobodyIsAlive() throws RosterException {
        for (int slot = 0; slot < SLOTS; slot++) {
            Optional<Entry> entry = table.read(slot);
            try {
                if (entry.isPresent() && !freeIfGone(entry.get()) && !table.isFree(slot)) {
                    return false;
                }
            } catch (RosterException e) {
                // It cannot be told: not without /proc.
                return false;
            }
        }
        return true;
    }

    /** Looks first: the lock may be held by one who is stopped. */
    private void removeFilesIfEmpty() throws RosterException {
        if (table.occupied() == 0) {
            lockAndRemoveIfEmpty();
        }
    }

    /** Under the lock. Who still has the file mapped learns from the mark that it is no group's any more. */
    private void removeIfEmpty() throws RosterException {
        // Marked already: by one who was killed before he could remove it.
        if (table.occupied() == 0 && file.isInPlace()) {
            table.markRemoved();
            group.remove();
        }
    }

    /**
     * Unmaps the table, and removes the group's files if nobody is in it. Close the seat before. Does nothing the second
     * time.
     *
     * @throws RosterException if the file is damaged, or the files cannot be removed; it is unmapped all the same
     */
    @Override
    public synchronized void close() throws RosterException {
        if (closed) {
            return;
        }
        closed = true;
        try (file) {
            if (writable) {
                intact(() -> {
                    if (!table.isRemoved()) {
                        removeFilesIfEmpty();
                    }
                    return null;
                });
            }
        }
    }

    /**
     * Takes the lock, which is made anew if only that was deleted by hand. Without the roster in its place nobody can
     * claim a slot of this table any more.
     */
    private void lockAndRemoveIfEmpty() throws RosterException {
        Optional<GroupLock> lock = file.isInPlace() ? GroupLock.take(group) : GroupLock.takeExisting(group);
        if (lock.isEmpty()) {
            return;
        }
        try (GroupLock held = lock.get()) {
            intact(() -> {
                if (PathStatus.of(group.roster()).isEmpty()) {
                    // The lock was made anew, here or elsewhere, in a folder that somebody was about to remove.
                    if (held.isInPlace()) {
                        group.remove();
                    }
                } else {
                    removeIfEmpty();
                }
                return null;
            });
        }
    }

    /**
     * Says in our words why {@link #epoch} or a counter could not be read.
     *
     * @param error what the JVM threw
     * @return the reason and what to do
     */
    public RosterException explain(InternalError error) {
        return file.explain(error);
    }

    /** The one place where a file that was shortened under our feet becomes an exception with a reason. */
    private <T> T intact(Action<T> action) throws RosterException {
        try {
            try {
                return action.run();
            } finally {
                file.requireWhole();
            }
        } catch (InternalError e) {
            throw file.explain(e);
        }
    }

    private interface Action<T> {
        T run() throws RosterException;
    }

    /**
     * {@link Entry#isGone}, for who handles what a roster throws.
     *
     * @param entry of any roster
     * @return false in doubt
     * @throws RosterException if it cannot be told
     */
    public static boolean isGone(Entry entry) throws RosterException {
        try {
            return entry.isGone();
        } catch (IOException e) {
            throw new RosterException("cannot tell whether process " + entry.pid() + " is alive: " + e.getMessage(), e);
        }
    }

    SlotTable table() {
        return table;
    }

    private void requireWritable() {
        if (!writable) {
            throw new UnsupportedOperationException("this roster was opened to look at it only");
        }
    }

    private RosterRemovedException removed() {
        return new RosterRemovedException("the roster of group \"" + group.name()
                + "\" was removed when its last worker left: open it again");
    }

    private static String lower(State state) {
        return state.name().toLowerCase(Locale.ROOT);
    }
}
