package io.workerpipe.loop;

import io.workerpipe.linux.ErrnoException;
import io.workerpipe.linux.Fd;
import io.workerpipe.linux.PidFd;
import io.workerpipe.linux.Proc;
import io.workerpipe.linux.ProcessId;
import io.workerpipe.linux.Shortage;
import io.workerpipe.roster.Counter;
import io.workerpipe.roster.Entry;
import io.workerpipe.roster.Roster;
import io.workerpipe.roster.RosterRemovedException;
import io.workerpipe.roster.Seat;
import io.workerpipe.roster.State;
import java.io.IOException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The other members as this process sees them, kept in step with the roster's epoch. Any thread.
 *
 * <p>Looking somebody up takes no lock while the epoch stands still.
 */
final class Peers {
    private static final System.Logger LOG = Log.get();

    /** Processes, a descriptor each. So many do not send long alerts at once; what is beyond is not watched. */
    private static final int MAX_STRANGERS = 128;
    /** A process has one slot in a group. What is beyond is made up. */
    private static final int MAX_SLOTS = 16;

    /** Who is awake is looked at before each sleep: a cache line a worker. */
    private static final int MOST_LOOKED_AT = 64;

    /** Makes an outbox to a worker whose inbox has been opened. */
    interface Outboxes {
        Outbox make(Entry receiver, Fd writeEnd);
    }

    /** Hears that a worker is gone, so that what it left unfinished can be dropped. */
    interface Gone {
        void gone(int pid, int slot);
    }

    /** The slots that a process says it has. */
    private record Stranger(Fd pidFd, Set<Integer> slots) {}

    private final Seat seat;
    private final Roster roster;
    private final Counts counters;
    private final boolean watchDeaths;
    private final Gone gone;
    private final Gate changed = new Gate();
    private final ReentrantLock lock = new ReentrantLock();
    private volatile Directory directory = Directory.empty();
    private volatile boolean saidRemoved;
    /** Guarded by the lock. */
    private boolean closed;
    /** Processes that are no workers, and have begun an alert. Guarded by the lock. */
    private final Map<Integer, Stranger> strangers = new HashMap<>();
    /** Those who may be gone, which could not be looked at. Guarded by the lock. */
    private final Set<Entry> unsure = new HashSet<>();
    private volatile boolean lookAgain;
    private volatile boolean saidShort;
    private Outboxes outboxes;
    private Writer writer;

    Peers(Seat seat, Counts counters, boolean watchDeaths, Gone gone) {
        this.seat = seat;
        this.roster = seat.roster();
        this.counters = counters;
        this.watchDeaths = watchDeaths;
        this.gone = gone;
    }

    /** Before first use. */
    void connect(Outboxes outboxes, Writer writer) {
        this.outboxes = outboxes;
        this.writer = writer;
    }

    /** The group as the roster showed it last. */
    Directory known() {
        return directory;
    }

    /** The group as the roster shows it now. */
    Directory current() {
        Directory seen = directory;
        if (seen.frozen) {
            return seen;
        }
        try {
            return seen.epoch == roster.epoch() ? seen : refresh();
        } catch (InternalError e) {
            return damaged(roster.explain(e));
        } catch (IllegalStateException e) {
            // The roster is closed: this process has left.
            return seen;
        }
    }

    /**
     * The same. If the roster was cut, the InternalError that comes at the thread's next safepoint comes in here: a call
     * into the VM has one.
     */
    Directory look() {
        try {
            Directory seen = current();
            Thread.holdsLock(this);
            return seen;
        } catch (InternalError e) {
            return damaged(roster.explain(e));
        }
    }

    /** Who holds a slot now, or null; whoever held it before has been told of. */
    Peer settledAt(int slot) {
        current();
        // Who changes the directory tells of those who left before he lets go.
        lock.lock();
        try {
            return directory.at(slot);
        } finally {
            lock.unlock();
        }
    }

    /** Cut or overwritten under our feet: who was known stays known until he ends, and nobody joins any more. */
    private Directory damaged(IOException reason) {
        lock.lock();
        try {
            if (!directory.frozen) {
                directory = directory.freeze();
                LOG.log(System.Logger.Level.ERROR,
                        "the roster cannot be used any more, workers known by now go on: {0}",
                        reason.getMessage());
            }
            return directory;
        } finally {
            lock.unlock();
        }
    }

    /** Whether the roster is still the group's: nobody tells of its removal. By the writer thread, now and then. */
    void lookAtRoster() {
        try {
            if (!directory.frozen) {
                roster.requireSeat(seat);
                requireInPlace();
            }
        } catch (IOException e) {
            damaged(e);
        } catch (InternalError e) {
            damaged(roster.explain(e));
        } catch (IllegalStateException e) {
            // Closed.
        }
    }

    /** Those who are in it go on: only nobody new will find them. */
    private void requireInPlace() {
        if (saidRemoved) {
            return;
        }
        try {
            roster.requireInPlace();
        } catch (RosterRemovedException e) {
            saidRemoved = true;
            LOG.log(System.Logger.Level.ERROR, "nobody new will find this worker: {0}", e.getMessage());
        } catch (IOException e) {
            // It is looked at again.
            LOG.log(System.Logger.Level.DEBUG, "whether the roster is at its place cannot be told: {0}",
                    e.getMessage());
        }
    }

    private Directory refresh() {
        return refresh(false);
    }

    private Directory refresh(boolean anyway) {
        try {
            return refreshLocked(anyway);
        } finally {
            // Not under the lock: who waits looks at the roster, with the gate's lock.
            changed.changed();
        }
    }

    /** @param anyway although the epoch has not moved */
    private Directory refreshLocked(boolean anyway) {
        lock.lock();
        try {
            long epoch = roster.epoch();
            Directory before = directory;
            if (before.epoch == epoch && !anyway || before.frozen) {
                return before;
            }
            List<Entry> entries;
            try {
                entries = roster.all();
                roster.requireSeat(seat);
            } catch (IOException e) {
                return damaged(e);
            }
            requireInPlace();
            Peer[] bySlot = new Peer[Roster.SLOTS];
            for (Entry entry : entries) {
                if (entry.state() == State.LIVE || entry.state() == State.LEAVING) {
                    bySlot[entry.slot()] = take(before.at(entry.slot()), entry);
                }
            }
            Directory now = new Directory(epoch, bySlot);
            List<Peer> dropped = before.all().filter(old -> old != bySlot[old.entry.slot()]).toList();
            dropped.forEach(Peers::closeClaims);
            directory = now;
            dropped.forEach(this::drop);
            return now;
        } finally {
            lock.unlock();
        }
    }

    private Peer take(Peer known, Entry entry) {
        if (known == null || known.entry.incarnation() != entry.incarnation()) {
            Peer fresh = new Peer(entry, roster.counters(entry.slot()));
            watch(fresh);
            return fresh;
        }
        known.entry = entry;
        if (entry.state() == State.LEAVING && known.outbox != null) {
            // It reads to the end of its pipe, which comes when all write ends are closed.
            known.outbox.finish();
        }
        return known;
    }

    private void watch(Peer peer) {
        Entry entry = peer.entry;
        // Nobody would close the descriptor of one that joins while this process leaves.
        if (!watchDeaths || closed || entry.pid() == Proc.pid()) {
            return;
        }
        try {
            Fd pidFd = PidFd.open(entry.pid());
            try {
                writer.watch(pidFd, entry);
            } catch (IOException e) {
                pidFd.close();
                throw e;
            }
            peer.pidFd = pidFd;
            // Looked at after it is held: it may have died meanwhile, and its number be another process's.
            if (!new ProcessId(entry.pid(), entry.startTime()).isAlive()) {
                writer.receiverGone(entry);
            }
        } catch (IOException e) {
            if (Shortage.advice(e).isEmpty()) {
                // Gone already, or pidfds are forbidden here: then a broken pipe will tell.
                writer.receiverGone(entry);
            } else {
                // It may be watched, and not known to be the one that is meant.
                unsure.add(entry);
                lookAgain = true;
                writer.wakeUp();
                sayShort("the end of worker " + entry.pid() + " cannot be seen yet: " + e.getMessage() + "; "
                        + Shortage.advice(e));
            }
        }
    }

    /** Once, until it is over. */
    private void sayShort(String what) {
        if (!saidShort) {
            saidShort = true;
            LOG.log(System.Logger.Level.WARNING, what);
        }
    }

    /** Whether something has run out, so that something is still to be done: {@link #lookAgain}. */
    boolean mustLookAgain() {
        return lookAgain;
    }

    /** Watches whom it could not watch, frees the slots of whom it could not look at. By the writer thread. */
    void lookAgain() {
        List<Entry> again;
        lock.lock();
        try {
            lookAgain = false;
            again = List.copyOf(unsure);
            unsure.clear();
            if (!closed) {
                directory.all().filter(peer -> peer.pidFd == null).forEach(this::watch);
            }
        } finally {
            lock.unlock();
        }
        again.forEach(this::mayBeGone);
        if (!lookAgain) {
            saidShort = false;
        }
    }

    private void unwatch(Peer peer) {
        if (peer.pidFd != null) {
            writer.unwatch(peer.pidFd);
            closePidFd(peer);
        }
    }

    /** Before the directory says that a worker is gone: a sender may have its outbox at hand, and not look there. */
    private static void closeClaims(Peer peer) {
        if (peer.outbox != null) {
            peer.outbox.closeClaims();
        }
    }

    private void drop(Peer peer) {
        unwatch(peer);
        if (peer.outbox != null) {
            peer.outbox.discard();
        }
        gone.gone(peer.entry.pid(), peer.entry.slot());
    }

    /**
     * The outbox to a live worker, connected at first use.
     *
     * @return null when the worker is gone
     * @throws IOException when its inbox cannot be opened; the message says why
     */
    Outbox outbox(Peer peer) throws IOException {
        Outbox known = peer.outbox;
        return known != null ? known : open(peer);
    }

    private Outbox open(Peer peer) throws IOException {
        lock.lock();
        try {
            if (peer.outbox != null) {
                return peer.outbox;
            }
            if (closed || directory.at(peer.entry.slot()) != peer || peer.entry.state() != State.LIVE) {
                return null;
            }
            Fd writeEnd = RemoteInbox.open(peer.entry);
            if (writeEnd == null) {
                writer.receiverGone(peer.entry);
                return null;
            }
            if (!isStillLive(peer.entry)) {
                // It may have found the end of its pipe before this write end was there: nobody would read what we write.
                writeEnd.close();
                return null;
            }
            Outbox outbox = outboxes.make(peer.entry, writeEnd);
            try {
                writer.watch(outbox);
            } catch (IOException e) {
                writeEnd.close();
                throw e;
            }
            peer.outbox = outbox;
            return outbox;
        } finally {
            lock.unlock();
        }
    }

    /** As the roster says now. Who says it is live while our write end is open will read until that is closed. */
    private boolean isStillLive(Entry worker) {
        if (directory.frozen) {
            return true;
        }
        try {
            roster.requireSeat(seat);
            return roster.entry(worker.slot()).filter(
                    now -> now.incarnation() == worker.incarnation() && now.state() == State.LIVE).isPresent();
        } catch (IOException e) {
            // The roster was cut or written over under our feet: who was known stays known.
            return true;
        }
    }

    /** All outboxes to workers that are there. */
    List<Outbox> outboxes() {
        return directory.all().map(peer -> peer.outbox).filter(Objects::nonNull).toList();
    }

    /** From now on no outbox is opened; those that are. */
    List<Outbox> close() {
        lock.lock();
        try {
            closed = true;
            return outboxes();
        } finally {
            lock.unlock();
        }
    }

    /** Stops watching; nobody waits for events any more. */
    void closePidFds() {
        lock.lock();
        try {
            directory.all().forEach(Peers::closePidFd);
            strangers.values().forEach(stranger -> stranger.pidFd.close());
            strangers.clear();
        } finally {
            lock.unlock();
        }
    }

    private static void closePidFd(Peer peer) {
        if (peer.pidFd != null) {
            peer.pidFd.close();
            peer.pidFd = null;
        }
    }

    /**
     * A sender that is no worker, a guest or somebody else, has begun an alert of several packets: if it dies, it is
     * dropped like a worker's.
     */
    void watchStranger(int pid, int slot) {
        Peer member = current().at(slot);
        if (member != null && member.entry.pid() == pid) {
            return;
        }
        lock.lock();
        try {
            if (closed) {
                return;
            }
            Stranger known = strangers.get(pid);
            if (known == null && strangers.size() < MAX_STRANGERS) {
                known = new Stranger(PidFd.open(pid), new HashSet<>());
                try {
                    writer.watchStranger(known.pidFd, pid);
                } catch (IOException e) {
                    known.pidFd.close();
                    throw e;
                }
                strangers.put(pid, known);
            }
            if (known != null && known.slots.size() < MAX_SLOTS) {
                known.slots.add(slot);
            }
        } catch (ErrnoException e) {
            if (PidFd.saysGone(e)) {
                gone.gone(pid, slot);
            } else {
                sayUnwatched(pid, e);
            }
        } catch (IOException e) {
            sayUnwatched(pid, e);
        } finally {
            lock.unlock();
        }
    }

    private static void sayUnwatched(int pid, IOException e) {
        LOG.log(System.Logger.Level.DEBUG, "process {0} cannot be watched: {1}", Integer.toString(pid),
                e.getMessage());
    }

    void strangerEnded(int pid) {
        Stranger ended;
        lock.lock();
        try {
            ended = strangers.remove(pid);
            if (ended == null) {
                return;
            }
            writer.unwatch(ended.pidFd);
            ended.pidFd.close();
        } finally {
            lock.unlock();
        }
        ended.slots.forEach(slot -> gone.gone(pid, slot));
    }

    /** A pidfd became readable. */
    void ended(int slot, long incarnationBits) {
        Peer peer = directory.at(slot);
        if (peer == null || (peer.entry.incarnation() ^ incarnationBits) << Long.SIZE - 46 != 0) {
            return;
        }
        lock.lock();
        try {
            unwatch(peer);
        } finally {
            lock.unlock();
        }
        mayBeGone(peer.entry);
    }

    /** Whether this process holds the slot as a guest, who is in no directory; false if that cannot be read. */
    boolean isGuest(int pid, int slot) {
        try {
            return roster.entry(slot).filter(entry -> entry.state() == State.GUEST && entry.pid() == pid).isPresent();
        } catch (IOException | InternalError | IllegalStateException e) {
            return false;
        }
    }

    /** Frees the slot of a worker that is really gone. */
    void mayBeGone(Entry suspect) {
        Peer known = directory.at(suspect.slot());
        // It may have begun to leave since.
        Entry worker = known != null && known.entry.incarnation() == suspect.incarnation() ? known.entry : suspect;
        try {
            reapIfGone(worker);
            look();
            if (isFreedUnseen(worker)) {
                refresh(true);
            }
        } catch (IllegalStateException e) {
            // The roster is closed: this process has left, though a stage has held up the writer thread.
        } catch (InternalError e) {
            damaged(roster.explain(e));
        }
    }

    private void reapIfGone(Entry worker) {
        try {
            // Where the roster cannot show that he leaves, a closed inbox says nothing: his process ends, or tells us.
            Entry shown = directory.frozen ? worker.in(State.LEAVING) : worker;
            if (shown.isGone()) {
                reap(worker);
                forgetIfFrozen(worker);
            }
        } catch (IOException e) {
            askLater(worker, "whether worker " + worker.pid() + " is gone cannot be told yet: " + e.getMessage());
        }
    }

    /** Who has freed its slot may stand still, or have died, before he could move the epoch. */
    private boolean isFreedUnseen(Entry worker) {
        Peer peer = directory.at(worker.slot());
        if (directory.frozen || peer == null || peer.entry.incarnation() != worker.incarnation()) {
            return false;
        }
        try {
            return roster.entry(worker.slot()).filter(now -> now.incarnation() == worker.incarnation()).isEmpty();
        } catch (IOException e) {
            return false;
        }
    }

    /** A worker says that it leaves, which the roster may not show any more: it reads until its senders have closed. */
    void leaves(int pid, int slot) {
        Peer peer = directory.at(slot);
        if (peer == null || peer.entry.pid() != pid || peer.entry.state() != State.LIVE) {
            return;
        }
        // Its slot said so before it told us, and has moved the epoch: or cannot any more, since only that is left.
        lookAtRoster();
        lock.lock();
        try {
            if (directory.frozen && directory.at(slot) == peer) {
                take(peer, peer.entry.in(State.LEAVING));
                directory = directory.freeze();
            }
        } finally {
            lock.unlock();
        }
    }

    /** The roster does not say so any more. */
    private void forgetIfFrozen(Entry worker) {
        Peer peer;
        lock.lock();
        try {
            peer = directory.at(worker.slot());
            if (!directory.frozen || peer == null || peer.entry.incarnation() != worker.incarnation()) {
                return;
            }
            closeClaims(peer);
            directory = directory.without(worker.slot());
            drop(peer);
        } finally {
            lock.unlock();
        }
        changed.changed();
    }

    private void reap(Entry worker) {
        if (directory.frozen) {
            return;
        }
        try {
            roster.reap(worker.slot(), worker.incarnation());
        } catch (IOException e) {
            String what = "cannot free the slot of worker " + worker.pid() + ": " + e.getMessage();
            if (Shortage.advice(e).isEmpty()) {
                LOG.log(System.Logger.Level.WARNING, what);
            } else {
                askLater(worker, what);
            }
        }
    }

    private void askLater(Entry worker, String why) {
        lock.lock();
        try {
            unsure.add(worker);
            lookAgain = true;
            writer.wakeUp();
            sayShort(why);
        } finally {
            lock.unlock();
        }
    }

    /** Flushes all outboxes in which something waits and nobody is at it. */
    void flushAll() {
        for (Outbox outbox : outboxes()) {
            if (!outbox.drained()) {
                outbox.requestFlush();
            }
        }
    }

    /** Workers whose reader thread does not sleep, but for this process's; counted to a limit, and in small groups only. */
    int othersAwake(int limit) {
        List<Peer> live = directory.live();
        if (live.size() > MOST_LOOKED_AT) {
            return limit;
        }
        int awake = 0;
        try {
            for (int i = 0; i < live.size() && awake < limit; i++) {
                Peer peer = live.get(i);
                if (peer.entry.pid() != Proc.pid() && peer.counters.get(Counter.AWAKE) != 0) {
                    awake++;
                }
            }
            // The InternalError of a file that was cut comes at the thread's next safepoint; a call into the VM has one.
            Thread.holdsLock(this);
        } catch (InternalError | IllegalStateException e) {
            // Cut under our feet, or this process has left.
            return limit;
        }
        return awake;
    }

    /** Bytes that wait in all outboxes. */
    long queued() {
        long bytes = 0;
        for (Peer peer : directory.live()) {
            Outbox outbox = peer.outbox;
            bytes += outbox == null ? 0 : outbox.queued();
        }
        return bytes;
    }

    /** Shows it to the others, and who is slowest: at every turn of the writer thread, and when a full pipe is left to it. */
    void countQueued() {
        long all = 0;
        long most = 0;
        int slowest = 0;
        for (Peer peer : directory.live()) {
            Outbox outbox = peer.outbox;
            long bytes = outbox == null ? 0 : outbox.queued();
            all += bytes;
            if (bytes > most) {
                most = bytes;
                slowest = peer.entry.pid();
            }
        }
        counters.set(Counter.QUEUED_BYTES, all);
        counters.set(Counter.FULLEST_RECEIVER, slowest);
        counters.set(Counter.FULLEST_BYTES, most);
    }

    /** Waits for a state of the group; the condition is looked at whenever it changed. */
    Gate changed() {
        return changed;
    }
}
