package io.workerpipe.loop;

import io.workerpipe.dispatch.HandlerRegistry;
import io.workerpipe.linux.CallState;
import io.workerpipe.linux.Errno;
import io.workerpipe.linux.ErrnoException;
import io.workerpipe.linux.Fd;
import io.workerpipe.linux.Identity;
import io.workerpipe.linux.PidFd;
import io.workerpipe.linux.Pipe;
import io.workerpipe.linux.Proc;
import io.workerpipe.linux.ProcessId;
import io.workerpipe.linux.Shortage;
import io.workerpipe.roster.Counter;
import io.workerpipe.roster.Entry;
import io.workerpipe.roster.Roster;
import io.workerpipe.roster.RosterFolder;
import io.workerpipe.roster.Seat;
import io.workerpipe.wire.ControlKind;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * One membership: the seat in the roster, the inbox with its reader thread, the outboxes with the writer thread, and the
 * order in which they come and go. Any thread.
 *
 * @param <H> the handlers' type
 */
public final class Group<H> {
    private static final System.Logger LOG = Log.get();

    /** Guests get no notices: they look at the roster's epoch this often, so that they do not hold up who leaves. */
    private static final int GUEST_POLL_MILLIS = 50;

    /** How long leaving waits for what should not take long at all. */
    private static final Duration THREAD_LIMIT = Duration.ofSeconds(1);

    /** What a send came to. */
    public enum Outcome {
        /** It is in the outbox, or waits beside it. */
        SENT,
        /** There was no room, and it was dropped, as the policy says. */
        DROPPED,
        /** The outbox of this receiver is full. */
        OUTBOX_FULL,
        /** The outboxes of all receivers together are full. */
        POOL_EMPTY,
        /** It would not even fit an empty outbox. */
        TOO_LARGE,
        /** No such worker, or it is leaving. */
        NO_SUCH_WORKER,
        /** This process has left, or is leaving. */
        LEFT
    }

    private enum Phase {
        OPEN, LEAVING, LEFT
    }

    private static final VarHandle PHASE;
    static {
        try {
            PHASE = MethodHandles.lookup().findVarHandle(Group.class, "phase", Phase.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final String name;
    private final GroupOptions options;
    private final Roster roster;
    final Seat seat;
    private final Counts counters;
    private final PagePool pool;
    /** Null if nothing is ever dropped. */
    private final DropRule dropRule;
    private final PageWrites pageWrites;
    private final PageSplices pageSplices;
    private final Peers peers;
    private final Writer writer;
    /** Null for a guest. */
    private final Inbox<H> inbox;
    private final Pipe pipe;
    private final int pid = Proc.pid();
    private volatile Entry self;
    private final Thread exitHook;
    private volatile boolean atExit;
    /** The pidfd of the supervisor, if it is watched. */
    private volatile Fd supervisor;
    private volatile Phase phase = Phase.OPEN;
    /** That of whom was sent to by process id when the roster was looked at last; null at first. */
    private volatile Outbox recent;
    private final Gate left = new Gate();
    /** Set when nothing is left to do; a JVM may end then. */
    private volatile boolean over;

    private Group(String name, GroupOptions options, RosterFolder folder, HandlerRegistry<H> handlers,
            Delivery<H> delivery) throws IOException {
        this.name = name;
        this.options = options;
        this.seat = Roster.join(folder, name, options.guest(), options.label(), options.index());
        this.roster = seat.roster();
        Pipe made = null;
        Fd look = null;
        Writer unused = null;
        Inbox<H> unread = null;
        try {
            this.counters = new Counts(seat.counters());
            this.dropRule = options.dropping() == null ? null : new DropRule(options.dropping(), options.poolBytes());
            FastPath path = options.fastPath();
            this.pageWrites = path.writes() != null ? path.writes() : PageWrites.checked();
            this.pageSplices = path.splices() != null ? path.splices() : new PageSplices(options.splice());
            made = options.guest() ? null : Pipe.create();
            this.pipe = made;
            look = made == null ? null : made.openToLook();
            this.peers = new Peers(seat, counters, !options.guest(), this::senderGone);
            this.writer = new Writer(name, peers, pageSplices, Roster.SLOTS, options.guest() ? GUEST_POLL_MILLIS : -1);
            unused = writer;
            this.peers.connect(this::outbox, writer);
            unread = options.guest()
                    ? null
                    : new Inbox<>(name, pipe, look, handlers, delivery, counters, peers, seat.slot(),
                            options.partsBytes(), writer.deferred(),
                            new IdleSpin(options.spin(), Runtime.getRuntime().availableProcessors(), peers::othersAwake,
                                    System::nanoTime),
                            this::readerFailed);
            this.inbox = unread;
            // Last: its memory goes only when nobody can have seen it any more, and who tries again may need it.
            this.pool = new PagePool(options.poolBytes());
            writer.looksAfter(pool);
            if (inbox != null) {
                writer.looksAfter(inbox);
            }
        } catch (Throwable e) {
            if (unused != null) {
                unused.stop(THREAD_LIMIT);
            }
            if (unread != null) {
                unread.abandon();
            } else if (look != null) {
                look.close();
            }
            if (made != null) {
                made.close();
            }
            giveUpSeat();
            throw e;
        }
        self = roster.entry(seat.slot()).orElseThrow();
        exitHook = new Thread(this::leaveAtExit, "workerpipe-" + name + "-exit");
    }

    /**
     * Takes a seat, which nobody sees before {@link #start}.
     *
     * @throws IOException with the reason
     */
    public static <H> Group<H> prepare(String name, GroupOptions options, RosterFolder folder,
            HandlerRegistry<H> handlers, Delivery<H> delivery) throws IOException {
        if (!options.guest() && !Identity.isDumpable("self", Proc.uid())) {
            throw new IOException(
                    "this process is not dumpable (prctl(2), PR_SET_DUMPABLE), so that no other could open"
                            + " its inbox: expected a java executable that its user may read, and no change of user within the"
                            + " process; start it so, or join as a guest, which only sends");
        }
        try {
            return new Group<>(name, options, folder, handlers, delivery);
        } catch (ErrnoException e) {
            throw Shortage.explained(e);
        } catch (OutOfMemoryError e) {
            throw explained(e);
        }
    }

    /** Of the system's memory or threads; of the heap's it stays what it is. */
    private static IOException explained(OutOfMemoryError error) {
        if (error.getCause() instanceof ErrnoException) {
            return Shortage.explained(new IOException(error.getMessage(), error));
        }
        if (error.getMessage() != null && error.getMessage().contains("native thread")) {
            return new IOException(error.getMessage() + "; raise 'ulimit -u', 'ulimit -v' or the cgroup's pids.max",
                    error);
        }
        throw error;
    }

    /**
     * Joins: from here on the others see this worker, and handlers are called.
     *
     * @throws IOException with the reason; then the seat is given back
     */
    public void start() throws IOException {
        try {
            open();
        } catch (Throwable e) {
            abandon();
            if (e instanceof OutOfMemoryError memory) {
                throw explained(memory);
            }
            throw e;
        }
        try {
            if (options.leaveAtExit()) {
                Runtime.getRuntime().addShutdownHook(exitHook);
            }
        } catch (IllegalStateException e) {
            leave();
            throw new IOException("this JVM is shutting down", e);
        }
    }

    private void abandon() {
        phase = Phase.LEFT;
        writer.stop(THREAD_LIMIT);
        closeSupervisor();
        if (inbox != null) {
            inbox.abandon();
        }
        if (pipe != null) {
            pipe.close();
        }
        giveUpSeat();
        over = true;
    }

    private void open() throws IOException {
        boolean watched = openSupervisor();
        writer.start();
        if (!options.guest()) {
            int got = pipe.resize(options.pipeBytes());
            if (got < 0) {
                LOG.log(System.Logger.Level.WARNING,
                        "the inbox keeps its size of {0} bytes instead of {1}: {2} (see pipe-user-pages-soft in pipe(7))",
                        Integer.toString(pipe.size()), Integer.toString(options.pipeBytes()), Errno.text(-got));
            }
            seat.publish(pipe.inode(), pipe.readEnd().number());
            self = roster.entry(seat.slot()).orElseThrow();
            inbox.start();
            announce(ControlKind.JOINED);
        }
        if (watched) {
            // Last: it may be over at once, and to leave there must be all that leaves.
            writer.watchSupervisor(supervisor, this::supervisorGone);
        }
    }

    /** Whether there is one whose end is to be watched, and can be. */
    private boolean openSupervisor() throws IOException {
        ProcessId wanted = options.supervisor();
        if (wanted == null) {
            return false;
        }
        try {
            supervisor = PidFd.open(wanted.pid());
        } catch (ErrnoException e) {
            if (!PidFd.saysGone(e) && !wanted.isGone()) {
                LOG.log(System.Logger.Level.WARNING, "this worker would not see the end of its supervisor: {0}",
                        e.getMessage());
                return false;
            }
        }
        // Looked at after it is held: another process with its number was there before.
        if (supervisor == null || wanted.isGone() || PidFd.hasEnded(supervisor)) {
            throw new IOException("the supervisor that started this process, " + wanted.pid()
                    + ", is gone; a worker that is to go on without it needs WORKERPIPE_OUTLIVE_SUPERVISOR=1");
        }
        return true;
    }

    private void supervisorGone() {
        LOG.log(System.Logger.Level.WARNING, "the supervisor, process {0}, is gone: leaving group {1}",
                Integer.toString(options.supervisor().pid()), name);
        try {
            leave();
        } catch (Throwable e) {
            LOG.log(System.Logger.Level.ERROR, "and could not leave group " + name, e);
        }
    }

    private void closeSupervisor() {
        if (supervisor != null) {
            supervisor.close();
        }
    }

    private Outbox outbox(Entry receiver, Fd writeEnd) {
        return new Outbox(receiver, writeEnd, pid, seat.slot(), options.outboxBytes(), pool, pageWrites, pageSplices,
                dropRule, counters, writer, CallState.allocate(Arena.ofAuto()));
    }

    private void announce(byte kind) {
        for (Peer peer : peers.current().live()) {
            if (peer.entry.slot() != seat.slot()) {
                try {
                    Outbox outbox = peers.outbox(peer);
                    if (outbox != null) {
                        outbox.offerControl(kind);
                    }
                } catch (IOException e) {
                    LOG.log(System.Logger.Level.WARNING, "worker {0} cannot be told of this one: {1}",
                            Integer.toString(peer.entry.pid()), e.getMessage());
                }
            }
        }
    }

    private void senderGone(int senderPid, int slot) {
        if (inbox != null) {
            inbox.senderGone(senderPid, slot);
        }
    }

    // ---------------------------------------------------------------- who is there

    /** The group's name. */
    public String name() {
        return name;
    }

    /** The slot of this process. */
    public int slot() {
        return seat.slot();
    }

    /** This process's entry; a guest's is not in {@link #live}. */
    public Entry self() {
        return self;
    }

    /** A counter of this process. */
    public long count(Counter counter) {
        if (phase == Phase.LEFT) {
            return 0;
        }
        return counter == Counter.QUEUED_BYTES ? peers.queued() : counters.get(counter);
    }

    /** The live workers, this one included, in the order of their slots. */
    public List<Entry> live() {
        return peers.current().liveEntries();
    }

    /** The live worker with this process id, or null. */
    public Entry live(long pid) {
        Peer peer = (int) pid == pid ? peers.current().live((int) pid) : null;
        return peer == null ? null : peer.entry;
    }

    /** Who holds a slot, if it is this process; or null. */
    public Entry at(int pid, int slot) {
        Peer peer = peers.current().at(pid, slot, 0);
        return peer == null ? null : peer.entry;
    }

    /** Waits until there are so many live workers; false when the time is over, or this process left. */
    public boolean awaitLive(int count, Duration limit) throws InterruptedException {
        checkMayWait("waiting for workers");
        peers.changed().await(() -> peers.current().live().size() >= count || phase != Phase.OPEN, nanos(limit));
        return phase == Phase.OPEN && peers.current().live().size() >= count;
    }

    // ---------------------------------------------------------------- sending

    /**
     * Broadcasts, where it can be done for all receivers at once.
     *
     * @param but the slot of who does not get it
     * @return to how many it was sent; 0 if it has to be sent to each on its own, and then {@link #endBroadcast} called
     */
    public int broadcast(int but, byte[] alertName, MemorySegment data) {
        int batches = writer.deferred().batches();
        if (phase == Phase.OPEN && !isReader() && !writer.isCurrentThread()) {
            return writer.broadcasts().share(peers.current(), but, alertName, data, batches);
        }
        // Of this thread each batch is flushed as a whole.
        writer.broadcasts().begin(batches);
        return 0;
    }

    /** After the sends that are one broadcast. */
    public void endBroadcast() {
        writer.broadcasts().end(writer.deferred().batches());
    }

    /** Sends to a live worker. An interrupt ends the wait for room, and is kept for later. */
    public Outcome send(long pid, byte[] alertName, MemorySegment data, NoRoom noRoom) throws IOException {
        if (!maySend()) {
            return Outcome.LEFT;
        }
        return send((int) pid == pid ? peers.current().live((int) pid) : null, alertName, data, noRoom);
    }

    /** Sends to the worker that holds a slot, if it is this process, and this incarnation unless that is 0. */
    public Outcome send(int pid, int slot, long incarnation, byte[] alertName, MemorySegment data, NoRoom noRoom)
            throws IOException {
        if (!maySend()) {
            return Outcome.LEFT;
        }
        return send(peers.current().at(pid, slot, incarnation), alertName, data, noRoom);
    }

    /**
     * The common case of {@link #send}: something was sent to this worker before, and there is room for this in what is left
     * of a page. If it returns false, nothing has happened.
     */
    public boolean sendNow(long pid, byte[] alertName, byte[] data) {
        Outbox outbox = (int) pid == pid && maySend() ? outboxInUse((int) pid) : null;
        return outbox != null && outbox.offerNow(alertName, data);
    }

    /** The same for data anywhere. */
    public boolean sendNow(long pid, byte[] alertName, MemorySegment data) {
        Outbox outbox = (int) pid == pid && maySend() ? outboxInUse((int) pid) : null;
        return outbox != null && outbox.offerNow(0, alertName, data);
    }

    /** The same for data of an array, to the worker that holds a slot. */
    public boolean sendNow(int pid, int slot, long incarnation, byte[] alertName, byte[] data) {
        Peer peer = maySend() ? peers.current().at(pid, slot, incarnation) : null;
        Outbox outbox = peer == null ? null : peer.outbox;
        return outbox != null && outbox.offerNow(alertName, data);
    }

    /**
     * That of a live worker to whom something was sent before, or null. In a burst the roster is looked at once a page only:
     * who leaves reads what comes as long as our write end is open.
     */
    private Outbox outboxInUse(int pid) {
        // Few steps from here to what will be claimed: after the claim before, an atomic operation, each is waited for.
        Outbox last = recent;
        return last != null && last.receiverPid == pid && last.isAmidBurst() ? last : findOutboxInUse(pid);
    }

    private Outbox findOutboxInUse(int pid) {
        Peer peer = peers.known().live(pid);
        Outbox outbox = peer == null ? null : peer.outbox;
        if (outbox == null || outbox.isAmidBurst()) {
            return outbox;
        }
        peer = peers.current().live(pid);
        outbox = peer == null ? null : peer.outbox;
        if (outbox != null && recent != outbox) {
            recent = outbox;
        }
        return outbox;
    }

    private Outcome send(Peer peer, byte[] alertName, MemorySegment data, NoRoom noRoom) throws IOException {
        Outbox outbox = peer == null ? null : peers.outbox(peer);
        if (outbox == null) {
            return noSuchWorker();
        }
        if (!noRoom.keepsPace()) {
            Outbox.Offer offer = outbox.offer(0, alertName, data);
            return offer == Outbox.Offer.ACCEPTED
                    ? Outcome.SENT
                    : refused(peer, outbox, alertName, data, offer, noRoom);
        }
        long patience = nanos(noRoom.patience());
        long waited = outbox.patience().keepPace(patience);
        Outbox.Offer offer = outbox.offerPatiently(alertName, data, patience - waited);
        return offer == Outbox.Offer.ACCEPTED
                ? Outcome.SENT
                : refused(peer, outbox, alertName, data, offer, noRoom.after(waited));
    }

    /** There was no room: drops, or tries again as long as it may. */
    private Outcome refused(Peer peer, Outbox outbox, byte[] alertName, MemorySegment data, Outbox.Offer offer,
            NoRoom noRoom) {
        if (offer == Outbox.Offer.CLOSED || offer == Outbox.Offer.TOO_LARGE) {
            return outcome(offer);
        }
        if (noRoom.drops()) {
            return outcome(outbox.overflow(alertName, data));
        }
        try {
            return outcome(offerAgain(peer, outbox, alertName, data, offer, noRoom.patience()));
        } catch (InterruptedException e) {
            // The wait is over, and there was no room.
            Thread.currentThread().interrupt();
            return outcome(Outbox.Offer.OUTBOX_FULL);
        }
    }

    private Outbox.Offer offerAgain(Peer peer, Outbox outbox, byte[] alertName, MemorySegment data,
            Outbox.Offer offer, Duration patience) throws InterruptedException {
        if (patience != null) {
            checkMayWaitFor(peer);
            long size = data.byteSize();
            long end = System.nanoTime() + nanos(patience);
            do {
                long remaining = end - System.nanoTime();
                boolean room = offer == Outbox.Offer.POOL_EMPTY
                        ? outbox.awaitPool(alertName.length, size, remaining)
                        : outbox.awaitRoom(alertName.length, size, remaining);
                offer = outbox.offer(0, alertName, data);
                if (!room) {
                    break;
                }
            } while (offer == Outbox.Offer.OUTBOX_FULL || offer == Outbox.Offer.POOL_EMPTY);
        }
        return offer;
    }

    private Outcome outcome(Outbox.Offer offer) {
        return switch (offer) {
            case ACCEPTED -> Outcome.SENT;
            case OUTBOX_FULL -> {
                counters.add(Counter.REFUSED, 1);
                yield Outcome.OUTBOX_FULL;
            }
            case POOL_EMPTY -> {
                counters.add(Counter.REFUSED, 1);
                yield Outcome.POOL_EMPTY;
            }
            case TOO_LARGE -> Outcome.TOO_LARGE;
            case DROPPED -> Outcome.DROPPED;
            case CLOSED -> noSuchWorker();
        };
    }

    /** Ours are closed too when this process leaves. */
    private Outcome noSuchWorker() {
        return maySend() ? Outcome.NO_SUCH_WORKER : Outcome.LEFT;
    }

    /** Lends memory to a live worker's outbox; {@code done} is completed by the writer thread if this is SENT. */
    public Outcome lend(long pid, byte[] alertName, MemorySegment data, CompletableFuture<Void> done)
            throws IOException {
        if (!maySend()) {
            return Outcome.LEFT;
        }
        Peer peer = (int) pid == pid ? peers.current().live((int) pid) : null;
        Outbox outbox = peer == null ? null : peers.outbox(peer);
        return outbox == null ? noSuchWorker() : outcome(outbox.lend(alertName, data, done));
    }

    /** Counts and logs a handler that threw on a thread of its own. */
    public void handlerFailed(String alertName, Throwable thrown) {
        counters.add(Counter.FAILED_HANDLERS, 1);
        Inbox.logFailure(alertName, thrown);
    }

    /** Bytes that all outboxes together may hold. */
    public long poolBytes() {
        return pool.limit();
    }

    /** Bytes that wait for a worker now. */
    public long queued(int pid) {
        Peer peer = peers.current().live(pid);
        Outbox outbox = peer == null ? null : peer.outbox;
        return outbox == null ? 0 : outbox.queued();
    }

    /** Waits until all that was sent before this call is in the pipes; false when the time is over. */
    public boolean flush(Duration limit) throws InterruptedException {
        checkMayWait("flush");
        long end = System.nanoTime() + nanos(limit);
        List<Outbox> outboxes = peers.outboxes();
        outboxes.forEach(Outbox::requestFlush);
        for (Outbox outbox : outboxes) {
            if (!outbox.awaitFlushed(end - System.nanoTime())) {
                return false;
            }
        }
        return true;
    }

    /** Handlers may answer what is read while leaving; nobody else sends any more. */
    private boolean maySend() {
        Phase now = phase;
        return now == Phase.OPEN || now == Phase.LEAVING && isReader();
    }

    /** Whether this is the thread that runs the handlers. */
    public boolean isReader() {
        return inbox != null && Thread.currentThread() == inbox.thread();
    }

    Thread reader() {
        return inbox.thread();
    }

    /** Neither of the group's two threads may wait for what only they can bring about. */
    private void checkMayWait(String what) {
        if (isReader()) {
            throw new IllegalStateException(what + " in a handler would wait for itself: the reader thread, '"
                    + inbox.thread().getName() + "', runs the handlers. Do it on a thread of your own.");
        }
        if (writer.isCurrentThread()) {
            throw new IllegalStateException(what
                    + " in a stage of a lent alert would wait for itself: the writer thread completes it. Do it on a thread of your own.");
        }
    }

    /** Whether a send from this thread may wait for room towards a slot: not for what only this thread can bring about. */
    public boolean mayWaitFor(int slot) {
        return !(slot == seat.slot() && isReader()) && !writer.isCurrentThread();
    }

    private void checkMayWaitFor(Peer peer) {
        if (peer.entry.slot() == seat.slot() && isReader()) {
            throw new IllegalStateException(
                    "the outbox to this worker itself is full, and a handler cannot wait for it: only the reader thread, which runs it, makes room");
        }
        if (writer.isCurrentThread()) {
            checkMayWait("waiting for room");
        }
    }

    /** The writer thread completes all of them; one to this worker itself needs the reader thread too. */
    public void checkMayWaitForLent(long receiver) {
        if (receiver == pid || writer.isCurrentThread()) {
            checkMayWait("waiting for a lent alert");
        }
    }

    private static long nanos(Duration limit) {
        try {
            return limit.toNanos();
        } catch (ArithmeticException e) {
            return Gate.FOREVER;
        }
    }

    // ---------------------------------------------------------------- leaving

    /** True once this process has left. */
    public boolean hasLeft() {
        return phase == Phase.LEFT;
    }

    /** Waits until this process has left. */
    public void awaitLeft() throws InterruptedException {
        checkMayWait("waiting for the group to close");
        left.await(() -> over, Gate.FOREVER);
    }

    private void leaveOnAThreadOfItsOwn() {
        try {
            Thread.ofPlatform().daemon(false).name("workerpipe-" + name + "-close")
                    .start(() -> leave(options.closeLimit()));
        } catch (Throwable e) {
            // No thread can be had now: the next to close, or the end of the JVM, does it.
            phase = Phase.OPEN;
            throw e;
        }
    }

    /**
     * Leaves: reads what was sent to this worker, flushes what it sent, frees its slot. From one of the group's own
     * threads this only begins; otherwise it returns when all is done.
     */
    public void leave() {
        if (PHASE.compareAndSet(this, Phase.OPEN, Phase.LEAVING)) {
            peers.changed().changed();
            if (isReader() || writer.isCurrentThread()) {
                leaveOnAThreadOfItsOwn();
            } else {
                leave(options.closeLimit());
            }
            return;
        }
        if (!isReader() && !writer.isCurrentThread()) {
            left.awaitUninterruptibly(() -> over, Gate.FOREVER);
        }
    }

    /** The JVM exits: whoever began to leave is waited for. */
    private void leaveAtExit() {
        atExit = true;
        leave();
    }

    private void leave(Duration limit) {
        long now = System.nanoTime();
        long end = now + nanos(limit);
        boolean written = false;
        try {
            stopReading(now + nanos(limit) / 2);
            written = flushAll(end);
        } finally {
            // Whose handler or stage has not returned gives back what it uses when it does: later is better than a crash.
            if (writer.stop(THREAD_LIMIT)) {
                closeSupervisor();
                if (written) {
                    pool.close();
                }
            }
            // Before the roster is closed: nobody may look at it from here on.
            phase = Phase.LEFT;
            try {
                giveUpSeat();
            } finally {
                // Whatever happened: who waits for the end must not wait for ever.
                over = true;
                left.changed();
                peers.changed().changed();
                removeExitHook();
            }
        }
    }

    private void sayLeaving() {
        try {
            seat.leaving();
        } catch (IOException e) {
            LOG.log(System.Logger.Level.WARNING, "the others cannot see that this worker leaves group " + name + ": "
                    + e.getMessage());
        }
    }

    /** Before it closes the inbox: a live worker without one is taken for dead. */
    private void readerFailed() {
        if (phase == Phase.OPEN) {
            sayLeaving();
        }
        leave();
    }

    /**
     * Others close their write ends when they see us leaving; what they had written is read and handled.
     *
     * <p>The slot says so before the reader knows: without a sender it finds the end of the pipe at once, and a live
     * worker without an inbox is taken for dead. What it still has to write would be thrown away.
     */
    private void stopReading(long by) {
        try {
            sayLeaving();
        } finally {
            if (inbox != null) {
                inbox.leave(by);
            }
        }
        if (inbox == null) {
            return;
        }
        announce(ControlKind.LEFT);
        peers.current();
        // What it sends to itself ends too, though the roster may not show any more that it leaves.
        peers.leaves(pid, seat.slot());
        Duration grace = Duration.ofNanos(Math.max(0, by - System.nanoTime())).plus(THREAD_LIMIT);
        if (Threads.joinUninterruptibly(inbox.thread(), grace, inbox::isExitingJvm) || inbox.isExitingJvm()) {
            return;
        }
        LOG.log(System.Logger.Level.WARNING,
                "leaving group {0} while a handler has not returned for {1} s: what it still reads and sends is lost",
                name, grace.toSeconds());
    }

    /** While the JVM exits, java.util.logging may have closed its handlers already. */
    private void sayLost(String text) {
        if (atExit) {
            System.err.println("workerpipe: " + text);
        } else {
            LOG.log(System.Logger.Level.WARNING, text);
        }
    }

    private boolean flushAll(long end) {
        List<Outbox> outboxes = peers.close();
        outboxes.forEach(Outbox::finish);
        long lost = 0;
        for (Outbox outbox : outboxes) {
            if (!outbox.awaitDrained(end - System.nanoTime())) {
                lost += outbox.queued();
                outbox.discard();
            }
        }
        if (lost != 0) {
            sayLost("leaving group " + name + " with " + lost + " bytes that its receivers did not take");
        }
        long over = System.nanoTime() + THREAD_LIMIT.toNanos();
        boolean drained = true;
        for (Outbox outbox : outboxes) {
            drained &= outbox.awaitDrained(over - System.nanoTime());
        }
        return drained;
    }

    private void giveUpSeat() {
        try (roster; seat) {
            LOG.log(System.Logger.Level.DEBUG, "leaving slot {0} of group {1}", seat.slot(), name);
        } catch (IOException e) {
            LOG.log(System.Logger.Level.WARNING,
                    "the slot in group " + name + " could not be given back: " + e.getMessage());
        }
    }

    private void removeExitHook() {
        try {
            Runtime.getRuntime().removeShutdownHook(exitHook);
        } catch (IllegalStateException e) {
            // The JVM is on its way out already.
        }
    }
}
