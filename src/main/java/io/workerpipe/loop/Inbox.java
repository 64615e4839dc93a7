package io.workerpipe.loop;

import io.workerpipe.dispatch.HandlerRegistry;
import io.workerpipe.linux.CallState;
import io.workerpipe.linux.Errno;
import io.workerpipe.linux.Fd;
import io.workerpipe.linux.Memory;
import io.workerpipe.linux.Pipe;
import io.workerpipe.linux.Proc;
import io.workerpipe.roster.Counter;
import io.workerpipe.wire.AlertSink;
import io.workerpipe.wire.ControlKind;
import io.workerpipe.wire.LossNotice;
import io.workerpipe.wire.Packet;
import io.workerpipe.wire.Reassembler;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * The one pipe that this worker reads, and the reader thread: read, reassemble, find the handler, call it.
 *
 * <p>It sleeps in {@code read(2)} itself, at most {@value #READ_BYTES} bytes at a time: measured, about twice the rate of
 * epoll and read. Where it waits for room in other inboxes as well, in {@code poll(2)} ({@link Deferred}). A packet to itself
 * wakes it.
 *
 * @param <H> the handlers' type
 */
final class Inbox<H> implements Runnable, AlertSink, Spare {
    private static final System.Logger LOG = Log.get();

    static final int READ_BYTES = 256 << 10;
    /** How long, after the time to leave, what comes is still read to count it. */
    private static final long MAX_OVERTIME = 500_000_000L;
    private static final int MAX_FAULTS = 16;
    /** Room in front of the read buffer for the beginning of a packet whose end is still in the pipe, and a page before. */
    private static final int HEADROOM = 2 * Packet.PAGE;

    private final Pipe pipe;
    private final HandlerRegistry<H> handlers;
    private final Delivery<H> delivery;
    private final Counts counters;
    private final Peers peers;
    private final PartPool parts = new PartPool();
    private final Reassembler reassembler;
    private final IdleSpin spin;
    /** The same pipe, of which reading does not wait. */
    private final Fd lookEnd;
    private final CallState calls = CallState.allocate(Arena.ofAuto());
    private final MemorySegment buffer = Memory.map(HEADROOM + READ_BYTES);
    private final MemorySegment wakeUp = Arena.ofAuto().allocate(Packet.HEADER);
    private final Generation filling = new Generation(buffer);
    private final Queue<Sender> gone = new ConcurrentLinkedQueue<>();
    /** Those whose end was seen before the last read began: what that read leaves in the pipe is not theirs. */
    private final List<Sender> goneBeforeRead = new ArrayList<>();
    private long readSinceGone;
    private final Deferred deferred;
    private final Runnable onFailure;
    private final int pipeBytes;
    private final Thread thread;

    private record Sender(int pid, int slot) {}

    /** 0 while the group is open; then the time by which reading ends, whatever still comes. */
    private volatile long leaveBy;
    private volatile boolean spareWanted;
    private long alerts;
    private long discarded;
    private long failed;
    private boolean saidLost;
    private boolean saidLies;
    private boolean saidNoRoom;
    private final long partsLimit;
    /** Alerts of which only a part came, for their sender is gone. */
    private long leftUnfinished;

    /** @param lookEnd the pipe once more, to be closed by this inbox; reading it does not wait */
    Inbox(String group, Pipe pipe, Fd lookEnd, HandlerRegistry<H> handlers, Delivery<H> delivery, Counts counters,
            Peers peers,
            int slot, long partsLimit, Deferred deferred, IdleSpin spin, Runnable onFailure) {
        this.pipe = pipe;
        this.handlers = handlers;
        this.delivery = delivery;
        this.counters = counters;
        this.peers = peers;
        this.deferred = deferred;
        this.spin = spin;
        this.lookEnd = lookEnd;
        this.onFailure = onFailure;
        this.pipeBytes = Math.max(READ_BYTES, pipe.size());
        this.partsLimit = partsLimit;
        this.reassembler = new Reassembler(this, this::isMember, parts, partsLimit);
        Packet.padding(wakeUp.address(), Proc.pid(), slot, Packet.HEADER, 0);
        thread = Thread.ofPlatform().daemon().name("workerpipe-" + group + "-reader").unstarted(this);
    }

    void start() {
        thread.start();
    }

    /** Gives back what it holds, if its thread was never started. */
    void abandon() {
        if (thread.getState() == Thread.State.NEW) {
            lookEnd.close();
            parts.close();
            Memory.unmap(buffer);
        }
    }

    Thread thread() {
        return thread;
    }

    /** A handler that called {@link System#exit} waits for us: nobody may wait for it. */
    boolean isExitingJvm() {
        return Arrays.stream(thread.getStackTrace())
                .anyMatch(frame -> frame.getClassName().equals("java.lang.Shutdown"));
    }

    // ---------------------------------------------------------------- any thread

    /** What this worker left unfinished is dropped once all that lies in the pipe now has been read. */
    void senderGone(int pid, int slot) {
        gone.add(new Sender(pid, slot));
        wake();
    }

    /** A reader that sleeps gets a packet of its own; one whose pipe is full does not sleep. */
    private void wake() {
        try (Arena arena = Arena.ofConfined()) {
            pipe.writeEnd().write(CallState.allocate(arena), wakeUp, 0, wakeUp.byteSize());
        }
    }

    /** The reader thread does it, which may have to be woken for that. */
    @Override
    public boolean giveBack() {
        if (parts.keeps()) {
            spareWanted = true;
            wake();
        }
        return false;
    }

    /** From now on the thread reads to the end of the pipe, which comes when all write ends are closed, or to a time. */
    void leave(long nanoTime) {
        leaveBy = nanoTime == 0 ? 1 : nanoTime;
        wake();
    }

    // ---------------------------------------------------------------- the thread

    @Override
    public void run() {
        deferred.bind();
        try {
            int kept = 0;
            int faults = 0;
            for (;;) {
                int bytes = read();
                if (bytes == 0) {
                    return;
                }
                try {
                    kept = accept(kept, bytes);
                    endBatch(bytes);
                } catch (InternalError e) {
                    // The roster was cut under our feet while it was looked at. That is over after the first time.
                    if (++faults > MAX_FAULTS) {
                        throw e;
                    }
                    // Nothing of this filling is looked at again: half of a packet would be completed by another one.
                    kept = 0;
                }
            }
        } catch (Throwable e) {
            LOG.log(System.Logger.Level.ERROR, "the reader thread ended: this worker leaves its group", e);
            failed();
        } finally {
            filling.end();
            reassembler.close();
            parts.close();
            pipe.writeEnd().close();
            lookEnd.close();
            pipe.readEnd().close();
            Memory.unmap(buffer);
        }
    }

    /** Bytes read, at least one; 0 at the end. */
    private int read() throws IOException {
        if (spareWanted) {
            spareWanted = false;
            parts.giveBackUnused();
        }
        for (Sender sender = gone.poll(); sender != null; sender = gone.poll()) {
            goneBeforeRead.add(sender);
            readSinceGone = 0;
        }
        if (!goneBeforeRead.isEmpty()) {
            // The packet that told of them may have been read with the batch before.
            wake();
        }
        long by = leaveBy;
        if (by == 0) {
            int bytes = lookOrSleep();
            if (bytes < 0) {
                throw new IOException("read of the inbox: " + Errno.text(-bytes));
            }
            return bytes;
        }
        pipe.writeEnd().close();
        deferred.leaveToWriter();
        if (System.nanoTime() - by >= MAX_OVERTIME) {
            return 0;
        }
        // Without a descriptor of its own: this worker may have none left.
        for (;;) {
            long millis = Math.max(0, (by - System.nanoTime() + 999_999) / 1_000_000);
            int events = pipe.readEnd().poll(calls, Fd.POLLIN, (int) Math.min(Integer.MAX_VALUE, millis));
            if (events < 0) {
                throw new IOException("poll of the inbox: " + Errno.text(-events));
            }
            if (events != 0) {
                return pipe.readEnd().read(calls, buffer, HEADROOM, READ_BYTES);
            }
            if (millis == 0) {
                return 0;
            }
        }
    }

    private int lookOrSleep() {
        int bytes = deferred.waitsForRoom() ? -Errno.EAGAIN : look(spin.nanos());
        if (bytes != -Errno.EAGAIN) {
            return bytes;
        }
        spin.fallsAsleep();
        while (bytes == -Errno.EAGAIN && deferred.waitsForRoom()) {
            counters.set(Counter.AWAKE, 0);
            boolean arrived = deferred.awaitRoom(calls, lookEnd);
            counters.set(Counter.AWAKE, 1);
            if (arrived) {
                bytes = lookEnd.read(calls, buffer, HEADROOM, READ_BYTES);
            }
        }
        if (bytes == -Errno.EAGAIN) {
            counters.set(Counter.AWAKE, 0);
            bytes = pipe.readEnd().read(calls, buffer, HEADROOM, READ_BYTES);
            counters.set(Counter.AWAKE, 1);
        }
        spin.wakes();
        return bytes;
    }

    private int look(long nanos) {
        if (nanos == 0) {
            return -Errno.EAGAIN;
        }
        long start = System.nanoTime();
        for (;;) {
            int bytes = lookEnd.read(calls, buffer, HEADROOM, READ_BYTES);
            if (bytes != -Errno.EAGAIN) {
                spin.found();
                return bytes;
            }
            if (System.nanoTime() - start >= nanos) {
                spin.inVain();
                return bytes;
            }
            Thread.onSpinWait();
        }
    }

    private boolean isOver() {
        long by = leaveBy;
        return by != 0 && System.nanoTime() - by >= 0;
    }

    private int accept(int kept, int bytes) {
        long end = HEADROOM + bytes;
        boolean drained = bytes < READ_BYTES;
        long done;
        deferred.beginBatch();
        try {
            done = reassembler.accept(buffer, HEADROOM - kept, end, drained);
        } finally {
            endHandlers();
        }
        int rest = (int) (end - done);
        if (!drained) {
            // With it the page before: the reassembler may have been lied to.
            MemorySegment.copy(buffer, done - Packet.PAGE, buffer, HEADROOM - rest - Packet.PAGE, Packet.PAGE + rest);
        }
        return rest;
    }

    /** Whatever ended the batch. */
    private void endHandlers() {
        try {
            // Before all else: somebody may wait for an answer.
            deferred.endBatch();
        } finally {
            // No handler sees this memory any more when it is written to again.
            filling.end();
            parts.endGeneration();
        }
    }

    private void endBatch(int bytes) {
        // All that lay in the pipe when these senders' deaths were seen has been read. Not so for those seen dead since:
        // while a handler ran, they may have written the rest of an alert.
        readSinceGone += bytes;
        if (!goneBeforeRead.isEmpty() && (bytes < READ_BYTES || readSinceGone >= pipeBytes)) {
            goneBeforeRead.forEach(this::forget);
            goneBeforeRead.clear();
        }
        counters.add(Counter.BYTES_IN, bytes);
        if (alerts != 0) {
            counters.add(Counter.ALERTS_IN, alerts);
            counters.add(Counter.DISCARDED, discarded);
            counters.set(Counter.LAST_ALERT_IN, System.currentTimeMillis());
        }
        counters.add(Counter.FAILED_HANDLERS, failed);
        counters.set(Counter.SKIPPED_BYTES, reassembler.skippedBytes());
        long dropped = reassembler.droppedOpen() + reassembler.aborted() + reassembler.overLimit();
        counters.set(Counter.DROPPED_OPEN, dropped);
        alerts = 0;
        discarded = 0;
        failed = 0;
        if (!saidNoRoom && reassembler.overLimit() != 0) {
            saidNoRoom = true;
            LOG.log(System.Logger.Level.WARNING,
                    "a long alert was dropped: those that are not whole yet may hold {0} bytes together, and there was no"
                            + " room or no memory for it; see partsBytes. This is said once; the counter droppedOpen goes on.",
                    partsLimit);
        }
        // Who dies or gives up in the middle of an alert does not lie.
        long lies = dropped - leftUnfinished - reassembler.aborted() - reassembler.overLimit();
        if (!saidLies && (reassembler.skippedBytes() != 0 || lies != 0)) {
            saidLies = true;
            LOG.log(System.Logger.Level.WARNING,
                    "the inbox got what is no alert: {0} bytes skipped, {1} alerts dropped of which only a part came."
                            + " This is said once; the counters skippedBytes and droppedOpen go on.",
                    reassembler.skippedBytes(), lies);
        }
    }

    /** A worker that does not read any more must not look as if it did. */
    private void failed() {
        try {
            onFailure.run();
        } catch (RuntimeException | Error e) {
            LOG.log(System.Logger.Level.ERROR, "and could not leave", e);
        }
    }

    private void forget(Sender sender) {
        Peer now = peers.settledAt(sender.slot);
        if (now != null && now.entry.pid() == sender.pid || peers.isGuest(sender.pid, sender.slot)
                || gone.contains(sender)) {
            // The same process has come back into its slot: what is open may be the new one's. And if that is gone as well,
            // the rest of it may still lie in the pipe.
            return;
        }
        long before = reassembler.droppedOpen();
        reassembler.senderGone(sender.pid, sender.slot);
        leftUnfinished += reassembler.droppedOpen() - before;
    }

    private boolean isMember(int pid, int slot) {
        Peer peer = peers.current().at(slot);
        return peer != null && peer.entry.pid() == pid;
    }

    // ---------------------------------------------------------------- from the reassembler

    @Override
    public void alert(long first, long second, MemorySegment memory, long nameOffset) {
        alerts++;
        if (isOver()) {
            // Time to leave is over: what still comes is thrown away, and counted.
            discarded++;
            return;
        }
        H handler = handlers.find(memory, nameOffset, Packet.nameLength(second));
        if (handler == null) {
            discarded++;
            return;
        }
        try {
            if (memory == buffer) {
                delivery.deliver(handler, first, second, filling, nameOffset);
            } else {
                deliverParts(handler, first, second, memory, nameOffset);
            }
        } catch (Throwable e) {
            failed++;
            logFailure(Packet.name(memory, nameOffset, second),
                    e.getCause() != null && e.getStackTrace().length == 0 ? e.getCause() : e);
        } finally {
            // What interrupted one handler is not the next one's business.
            Thread.interrupted();
        }
    }

    /** An alert that came in several packets. */
    private void deliverParts(H handler, long first, long second, MemorySegment memory, long nameOffset) {
        if (parts.isPlace(memory)) {
            delivery.deliver(handler, first, second, parts.generation(), parts.offset(memory) + nameOffset);
            return;
        }
        Generation alone = new Generation(memory);
        try {
            delivery.deliver(handler, first, second, alone, nameOffset);
        } finally {
            alone.end();
        }
    }

    static void logFailure(String alertName, Throwable thrown) {
        LOG.log(System.Logger.Level.WARNING, "the handler of '" + alertName + "' failed", thrown);
    }

    @Override
    public void opened(int pid, int slot) {
        peers.watchStranger(pid, slot);
    }

    @Override
    public void control(int pid, int slot, MemorySegment memory, long offset, int length) {
        if (memory.get(ValueLayout.JAVA_BYTE, offset) == ControlKind.LOSS) {
            long count = LossNotice.count(memory, offset, length);
            if (count > 0 && !isOver()) {
                lost(pid, slot, count);
            }
            return;
        }
        // Joined or left: the roster says who. A notice that this worker does not know is no reason to fail.
        peers.current();
        if (memory.get(ValueLayout.JAVA_BYTE, offset) == ControlKind.LEFT) {
            peers.leaves(pid, slot);
        }
    }

    private void lost(int pid, int slot, long count) {
        try {
            if (!delivery.lost(pid, slot, count) && !saidLost) {
                saidLost = true;
                LOG.log(System.Logger.Level.WARNING,
                        "worker {0} has dropped {1} alerts to this one, which has no handler for losses. This is said once.",
                        Integer.toString(pid), count);
            }
        } catch (Throwable e) {
            failed++;
            LOG.log(System.Logger.Level.WARNING, "the handler of losses failed",
                    e.getCause() != null && e.getStackTrace().length == 0 ? e.getCause() : e);
        } finally {
            // As above.
            Thread.interrupted();
        }
    }
}
