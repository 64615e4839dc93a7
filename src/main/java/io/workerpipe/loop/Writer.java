package io.workerpipe.loop;

import io.workerpipe.linux.CallState;
import io.workerpipe.linux.Epoll;
import io.workerpipe.linux.EventFd;
import io.workerpipe.linux.Fd;
import io.workerpipe.roster.Entry;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Queue;
import java.util.SequencedMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.locks.LockSupport;

/**
 * The group's writer thread. It flushes what callers handed over: outboxes whose pipe is full, long ones, lent alerts. It
 * sees peers die, and completes the stages of lent alerts.
 *
 * <p>One epoll holds all write ends (EPOLLERR: the inbox is gone; EPOLLOUT while an outbox waits for room), the pidfds of
 * all peers, and an eventfd that wakes the thread. An idle one sleeps, but for a look at its roster's place every few seconds.
 */
final class Writer implements Runnable {
    private static final System.Logger LOG = Log.get();

    /** What an event is about, in its lowest bits; the slot above, then the incarnation's low 46 bits. */
    private static final int WAKE = 0;
    /** Of the kind WAKE too, but not the eventfd. */
    private static final long SUPERVISOR = 1L << 2 | WAKE;
    private static final int WRITE_END = 1;
    private static final int PID_FD = 2;
    /** Instead of slot and incarnation: the pid. */
    private static final int STRANGER = 3;
    private static final int QUIET_TURNS = 16;
    /** Turns come fast in a burst: what waits is counted not at each of them. */
    private static final int COUNT_TURNS = 16;
    /**
     * How often it is looked at what handlers have sent and not yet written, at first and while some of it waits for long;
     * and at most that rarely, where each batch writes its own soon. A look takes a processor from somebody for some 40 us.
     */
    private static final int LEAST_DEFERRED_MILLIS = 1;
    private static final int MOST_DEFERRED_MILLIS = 8;
    /** How long a burst's memory is kept after it: what was given back has to be fetched again, page by page. */
    private static final int COOLING_MILLIS = 10;
    /** How often an idle worker looks whether its roster is still there, and what memory it needs. */
    private static final int LOOK_AROUND_MILLIS = 5000;
    /** How often to try again what failed because something had run out, and to write what waits for room. */
    private static final int LOOK_AGAIN_MILLIS = 500;
    private static final int PROCESSORS = Runtime.getRuntime().availableProcessors();
    private static final int KIND_BITS = 2;
    private static final int SLOT_BITS = 16;

    private final Peers peers;
    private final PageSplices pageSplices;
    private final Epoll epoll;
    private final EventFd wake;
    private final int pollMillis;
    private final CallState calls;
    /** For whoever wakes this thread; he takes it away meanwhile. Made anew only where several do so at the same time. */
    private final AtomicReference<CallState> wakeCalls = new AtomicReference<>();
    private final Queue<Outbox> handedOver = new ConcurrentLinkedQueue<>();
    private final Queue<Outbox> kicked = new ConcurrentLinkedQueue<>();
    private final Queue<Entry> suspects = new ConcurrentLinkedQueue<>();
    private final AtomicReferenceArray<Outbox> outboxes;
    private final Queue<Outbox> newBursts = new ConcurrentLinkedQueue<>();
    /** This thread has been woken for them, and has not looked yet. */
    private final AtomicBoolean newBurstsTold = new AtomicBoolean();
    /** Used by this thread only. */
    private final List<Outbox> bursts = new ArrayList<>();
    /** Between writes to one receiver in a burst; by this thread. */
    private volatile long writeInterval = Pace.interval(1, PROCESSORS);
    private final TailLooks tailLooks = new TailLooks(System.nanoTime());
    /** Whose burst is over, since when: their memory is kept for the next one for some time. */
    private final SequencedMap<Outbox, Long> cooling = new LinkedHashMap<>();
    /** Used by this thread only: stages to complete once it holds no right to flush any more. */
    private final Queue<Runnable> completions = new ArrayDeque<>();
    private final Deferred deferred = new Deferred(this);
    private final Broadcasts broadcasts = new Broadcasts();
    private final Thread thread;
    private volatile Fd supervisor;
    private volatile Runnable supervisorGone;
    private volatile boolean stopped;
    /** Whether this thread looks at what handlers have deferred. */
    private volatile boolean watchingDeferred;
    /** Outboxes that wait for room. */
    private final AtomicInteger armed = new AtomicInteger();
    private long lookedAgain = System.nanoTime();
    private long triedArmed = System.nanoTime();
    private long lookedAround = System.nanoTime();
    /** Used by this thread only, once it runs. */
    private final List<Spare> spares = new ArrayList<>();
    /** Those that have more to give back. */
    private final List<Spare> givingBack = new ArrayList<>();
    private int quietTurns;
    private int deferredMillis = LEAST_DEFERRED_MILLIS;
    private long lookedAtDeferred = System.nanoTime();
    private int turns;

    /** @param pollMillis how often to look at the roster when nothing happens; -1: never, events are announced */
    Writer(String group, Peers peers, PageSplices pageSplices, int slots, int pollMillis) throws IOException {
        this.peers = peers;
        this.pageSplices = pageSplices;
        this.pollMillis = pollMillis;
        this.outboxes = new AtomicReferenceArray<>(slots);
        this.calls = CallState.allocate(Arena.ofAuto());
        this.epoll = Epoll.create();
        EventFd made = null;
        try {
            made = EventFd.create();
            epoll.add(made.fd(), Epoll.IN, WAKE);
        } catch (IOException e) {
            epoll.close();
            if (made != null) {
                made.close();
            }
            throw e;
        }
        this.wake = made;
        thread = Thread.ofPlatform().daemon().name("workerpipe-" + group + "-writer").unstarted(this);
    }

    Deferred deferred() {
        return deferred;
    }

    Broadcasts broadcasts() {
        return broadcasts;
    }

    /** By the reader thread: something is deferred, and must not be forgotten. */
    void watchDeferred() {
        if (!watchingDeferred) {
            watchingDeferred = true;
            wake();
        }
    }

    /** As long as handlers send, and some 0.1 s after the last one. */
    private void lookAtDeferred() {
        if (System.nanoTime() - lookedAtDeferred < deferredMillis * 1_000_000L) {
            return;
        }
        lookedAtDeferred = System.nanoTime();
        if (deferred.overdue()) {
            peers.flushAll();
            deferredMillis = LEAST_DEFERRED_MILLIS;
        } else {
            deferredMillis = Math.min(MOST_DEFERRED_MILLIS, 2 * deferredMillis);
        }
        if (!deferred.isEmpty()) {
            quietTurns = 0;
        } else if (++quietTurns > QUIET_TURNS) {
            quietTurns = 0;
            deferredMillis = LEAST_DEFERRED_MILLIS;
            watchingDeferred = false;
            if (!deferred.isEmpty()) {
                // Between the look and this. Who defers from now on says so himself.
                watchingDeferred = true;
            }
        }
    }

    /** By a sender whose alerts come in a burst from now on: their tail must not be forgotten. */
    void watchBurst(Outbox outbox) {
        newBursts.add(outbox);
        if (!newBurstsTold.getAndSet(true)) {
            wake();
        }
    }

    /** Memory is short: what lies in outboxes although their pipes have room is written now, and none is kept. Any thread. */
    void freeMemory() {
        peers.outboxes().forEach(Outbox::freeMemory);
    }

    private void lookAtBursts() {
        while (!cooling.isEmpty()
                && System.nanoTime() - cooling.firstEntry().getValue() >= COOLING_MILLIS * 1_000_000L) {
            cooling.pollFirstEntry().getKey().cool();
        }
        if (newBurstsTold.get()) {
            // Before looking: who adds one later tells of it.
            newBurstsTold.set(false);
        }
        boolean begun = false;
        for (Outbox outbox = newBursts.poll(); outbox != null; outbox = newBursts.poll()) {
            begun = true;
            if (!bursts.contains(outbox)) {
                outbox.burstBegins();
                pageSplices.probe();
                bursts.add(outbox);
            }
        }
        broadcasts.look(lookInterval());
        int alerts = 0;
        int active = 0;
        // By index: looks come often, and an iterator would be an object for each.
        for (int i = 0; i < bursts.size(); i++) {
            Outbox outbox = bursts.get(i);
            // One that waits for room is not looked at: its count stands still, and says nothing of now.
            int more = outbox.isPipeAwaited() ? 0 : outbox.alertsSinceLook();
            alerts += more;
            active += more != 0 || !outbox.isPipeAwaited() && outbox.isSharing() ? 1 : 0;
        }
        long interval = Pace.interval(active, PROCESSORS);
        if (interval != writeInterval) {
            writeInterval = interval;
        }
        boolean needed = begun;
        for (int i = bursts.size() - 1; i >= 0; i--) {
            Outbox outbox = bursts.get(i);
            // Before the look, which begins to count anew.
            boolean written = outbox.isWrittenBySenders();
            needed |= !written && !outbox.isPipeAwaited();
            if (!outbox.flushTail(alerts, written)) {
                bursts.remove(i);
                cooling.putLast(outbox, System.nanoTime());
            }
        }
        tailLooks.looked(System.nanoTime(), needed, Pace.justNow(writeInterval));
    }

    /** Nanoseconds between writes to one receiver in a burst, as long as there are as many bursts as now. */
    long writeInterval() {
        return writeInterval;
    }

    /** For so long after its last write it is not seen that a sender has stopped; nanoseconds. */
    long unseen() {
        return tailLooks.unseen(Pace.justNow(writeInterval));
    }

    /** Nanoseconds between looks at bursts; to a sleep the kernel adds some 50 us. */
    long lookInterval() {
        return Math.max(tailLooks.interval(), writeInterval);
    }

    /** As long as {@link #lookInterval}, where nothing else has to be looked at. */
    private long sleepInBurst() {
        if (armed.get() != 0) {
            // Of the room that it is waited for nobody tells a thread that is parked.
            return TailLooks.FIRST_NANOS;
        }
        return watchingDeferred ? Math.min(lookInterval(), deferredMillis * 1_000_000L) : lookInterval();
    }

    /** There is nothing to look at in one whose pipe is full: the kernel tells when it is not. */
    private boolean mustLookAtBursts() {
        for (int i = 0; i < bursts.size(); i++) {
            if (!bursts.get(i).awaitingRoom) {
                return true;
            }
        }
        return false;
    }

    private int timeout() {
        if (hasWork()) {
            return 0;
        }
        if (!givingBack.isEmpty()) {
            return 1;
        }
        if (watchingDeferred) {
            return (int) Math.max(1, deferredMillis - (System.nanoTime() - lookedAtDeferred) / 1_000_000);
        }
        if (!cooling.isEmpty()) {
            return COOLING_MILLIS;
        }
        if (pollMillis >= 0) {
            return pollMillis;
        }
        if (peers.mustLookAgain() || armed.get() != 0) {
            return LOOK_AGAIN_MILLIS;
        }
        return (int) Math.max(1, LOOK_AROUND_MILLIS - (System.nanoTime() - lookedAround) / 1_000_000);
    }

    /** Before it is started: memory to be given back when it is not needed. */
    void looksAfter(Spare spare) {
        spares.add(spare);
    }

    void start() {
        thread.start();
    }

    boolean isCurrentThread() {
        return Thread.currentThread() == thread;
    }

    // ---------------------------------------------------------------- any thread

    /** Watches a write end for its reader's end. */
    void watch(Outbox outbox) throws IOException {
        outboxes.set(outbox.receiver.slot(), outbox);
        epoll.add(outbox.fd(), 0, data(WRITE_END, outbox.receiver));
    }

    void watch(Fd pidFd, Entry peer) throws IOException {
        epoll.add(pidFd, Epoll.IN, data(PID_FD, peer));
    }

    void watchStranger(Fd pidFd, int pid) throws IOException {
        epoll.add(pidFd, Epoll.IN, (long) pid << KIND_BITS | STRANGER);
    }

    /** Calls this, on this thread, when the process behind a pidfd has ended. */
    void watchSupervisor(Fd pidFd, Runnable gone) throws IOException {
        supervisor = pidFd;
        supervisorGone = gone;
        epoll.add(pidFd, Epoll.IN, SUPERVISOR);
    }

    void unwatch(Fd fd) {
        epoll.remove(fd);
    }

    /** With the right to flush: from here on it is this thread's. */
    void handOver(Outbox outbox, Outbox.Flush reason) {
        if (reason == Outbox.Flush.PIPE_FULL) {
            arm(outbox);
            peers.countQueued();
        } else {
            handedOver.add(outbox);
            wake();
        }
    }

    /** With the right to flush: waits for room in the pipe. */
    private void arm(Outbox outbox) {
        boolean first = armed.getAndIncrement() == 0;
        // Before it can be seen to wait: the writer thread may turn to it at once, and then says something else here.
        epoll.modify(outbox.fd(), Epoll.OUT, data(WRITE_END, outbox.receiver));
        outbox.awaitingRoom = true;
        if (first && lookInterval() > TailLooks.FIRST_NANOS && !isCurrentThread()) {
            // It sleeps until the next look at bursts, and does not hear of the room.
            LockSupport.unpark(thread);
        }
        if (outbox.isDiscarding()) {
            kick(outbox);
        }
    }

    /** An outbox that waits for room has nothing to wait for any more. */
    void kick(Outbox outbox) {
        kicked.add(outbox);
        wake();
    }

    /** With the right to flush, before it is given up: waits for room no more. */
    void disarm(Outbox outbox) {
        armed.decrementAndGet();
        outbox.awaitingRoom = false;
        epoll.modify(outbox.fd(), 0, data(WRITE_END, outbox.receiver));
    }

    /** A write said that nobody reads there any more. */
    void receiverGone(Entry receiver) {
        suspects.add(receiver);
        wake();
    }

    /** For another turn, whatever it brings. */
    void wakeUp() {
        wake();
    }

    private void wake() {
        if (!isCurrentThread()) {
            CallState own = wakeCalls.getAndSet(null);
            if (own == null) {
                own = CallState.ofAuto();
            }
            wake.signal(own);
            wakeCalls.set(own);
            // It may sleep between two looks at bursts.
            LockSupport.unpark(thread);
        }
    }

    /** Ends the thread after the turn that it is in; false if it has not ended within the limit. */
    boolean stop(Duration limit) {
        stopped = true;
        if (thread.getState() == Thread.State.NEW) {
            wake.close();
            epoll.close();
            return true;
        }
        wake();
        return isCurrentThread() || !thread.isAlive() || Threads.joinUninterruptibly(thread, limit);
    }

    private static long data(int kind, Entry entry) {
        return entry.incarnation() << SLOT_BITS + KIND_BITS | (long) entry.slot() << KIND_BITS | kind;
    }

    // ---------------------------------------------------------------- the thread

    @Override
    public void run() {
        try {
            boolean last;
            do {
                last = stopped;
                boolean looks = mustLookAtBursts();
                if (looks && !hasWork()) {
                    LockSupport.parkNanos(this, sleepInBurst());
                }
                int events = epoll.await(calls, last || looks ? 0 : timeout());
                for (int i = 0; i < events; i++) {
                    handle(epoll.data(i), epoll.events(i));
                }
                // Only what was there before this turn: an outbox that has more to write queues up again.
                for (int left = handedOver.size(); left > 0; left--) {
                    turn(handedOver.poll());
                }
                tryArmed();
                if (!kicked.isEmpty() || !completions.isEmpty() || !suspects.isEmpty()) {
                    runErrands();
                }
                lookAtBursts();
                if (watchingDeferred) {
                    lookAtDeferred();
                }
                lookNowAndThen();
                if (!givingBack.isEmpty() && !looks && !hasWork()) {
                    givingBack.removeIf(spare -> !spare.giveBack());
                }
                if (!looks || ++turns % COUNT_TURNS == 0) {
                    peers.countQueued();
                }
                if (pollMillis >= 0) {
                    peers.look();
                }
                // By a stage of a lent alert: this thread would not sleep any more.
                Thread.interrupted();
            } while (!last);
        } catch (Throwable e) {
            LOG.log(System.Logger.Level.ERROR, "the writer thread ended: nothing that waits for a pipe is written now",
                    e);
        } finally {
            wake.close();
            epoll.close();
            peers.closePidFds();
        }
    }

    /** Apart from the loop: else the compiler begins anew with all of that when one of these comes for the first time. */
    private void runErrands() {
        for (Outbox outbox = kicked.poll(); outbox != null; outbox = kicked.poll()) {
            if (outbox.awaitingRoom) {
                turn(outbox);
            }
        }
        for (Runnable completion = completions.poll(); completion != null; completion = completions.poll()) {
            completion.run();
        }
        for (Entry suspect = suspects.poll(); suspect != null; suspect = suspects.poll()) {
            peers.mayBeGone(suspect);
        }
    }

    private void lookNowAndThen() {
        long now = System.nanoTime();
        if (peers.mustLookAgain() && now - lookedAgain >= LOOK_AGAIN_MILLIS * 1_000_000L) {
            lookedAgain = now;
            peers.lookAgain();
        }
        if (now - lookedAround >= LOOK_AROUND_MILLIS * 1_000_000L) {
            lookedAround = now;
            peers.lookAtRoster();
            givingBack.clear();
            givingBack.addAll(spares);
        }
    }

    /**
     * Writes to pipes of which nobody has said that there is room: five seconds after one was found full, then twice a
     * second. Before Linux 6.14 poll(2) may take a pipe for full that is being emptied (its ends are read one after the
     * other), and nobody says that it was wrong.
     */
    private void tryArmed() {
        long now = System.nanoTime();
        if (armed.get() == 0) {
            triedArmed = now;
        } else if (now - triedArmed >= LOOK_AGAIN_MILLIS * 1_000_000L) {
            triedArmed = now;
            for (int slot = 0; slot < outboxes.length(); slot++) {
                Outbox outbox = outboxes.get(slot);
                if (outbox != null && outbox.awaitingRoom) {
                    turn(outbox);
                }
            }
        }
    }

    /** By this thread: a lent alert is over. What its stage sends to the same receiver has to be flushed by itself. */
    void complete(Runnable completion) {
        completions.add(completion);
    }

    /** What this thread queued for itself woke nobody. */
    private boolean hasWork() {
        return !handedOver.isEmpty() || !kicked.isEmpty() || !suspects.isEmpty() || newBurstsTold.get();
    }

    private void handle(long data, int events) {
        int kind = (int) data & (1 << KIND_BITS) - 1;
        int slot = (int) (data >>> KIND_BITS) & (1 << SLOT_BITS) - 1;
        switch (kind) {
            case WAKE -> {
                if (data == SUPERVISOR) {
                    epoll.remove(supervisor);
                    supervisorGone.run();
                } else {
                    wake.drain(calls);
                }
            }
            case STRANGER -> peers.strangerEnded((int) (data >>> KIND_BITS));
            case PID_FD -> peers.ended(slot, data >>> KIND_BITS + SLOT_BITS);
            default -> {
                Outbox outbox = outboxes.get(slot);
                if (outbox == null || data(kind, outbox.receiver) != data) {
                    return;
                }
                if (outbox.awaitingRoom) {
                    turn(outbox);
                } else if ((events & Epoll.ERR) != 0) {
                    // Said again and again otherwise, until whoever flushes now has closed it.
                    epoll.remove(outbox.fd());
                    outbox.discard();
                    suspects.add(outbox.receiver);
                }
            }
        }
    }

    private void turn(Outbox outbox) {
        switch (outbox.flushAsWriter()) {
            case DRAINED -> {
                if (!outbox.drained()) {
                    // Claimed in a burst that is over, and not yet published.
                    watchBurst(outbox);
                }
            }
            case PIPE_FULL -> {
                if (!outbox.awaitingRoom) {
                    arm(outbox);
                }
            }
            case WRITER_ONLY -> {
                if (outbox.awaitingRoom) {
                    disarm(outbox);
                }
                handedOver.add(outbox);
            }
        }
    }
}
