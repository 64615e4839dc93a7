package io.workerpipe;

import io.workerpipe.dispatch.HandlerRegistry;
import io.workerpipe.linux.Platform;
import io.workerpipe.linux.ProcessId;
import io.workerpipe.loop.Delivery;
import io.workerpipe.loop.Dropping;
import io.workerpipe.loop.FastPath;
import io.workerpipe.loop.Generation;
import io.workerpipe.loop.Group;
import io.workerpipe.loop.GroupOptions;
import io.workerpipe.loop.NoRoom;
import io.workerpipe.roster.Counter;
import io.workerpipe.roster.Entry;
import io.workerpipe.roster.GroupName;
import io.workerpipe.roster.RosterFolder;
import io.workerpipe.supervise.Assignment;
import io.workerpipe.wire.Packet;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;

/**
 * This process's membership in a group of workers: send, broadcast, receive, reply.
 *
 * {@snippet :
 * try (Ipc ipc = Ipc.join("web")) {
 *     ipc.receive("hello", alert -> alert.reply("hello-response", "hi, you said " + alert.text()));
 *     ipc.receive("hello-response", alert -> System.out.println(alert.sender() + ": " + alert.text()));
 *     ipc.broadcast("hello", "anyone there?");
 *     ipc.awaitClose();
 * }
 * }
 *
 * <p><b>Threads.</b> Every method may be called from any thread, virtual ones included. Handlers run on the group's reader
 * thread, stages of {@link #lend} are completed by its writer thread; both are daemon threads. Neither may wait for what
 * only it can bring about: {@link #flush}, {@link #awaitWorkers} and {@link #awaitClose} throw
 * {@link IllegalStateException} there. Nobody can see that a handler waits for another thread which does one of these:
 * then all of them end by their limits, but for {@code awaitClose}, which has none.
 *
 * <p><b>Interrupts.</b> {@code flush}, {@code awaitWorkers} and {@code awaitClose} throw {@link InterruptedException}. A
 * {@code send} that waits for room (see {@link WhenFull#waitAtMost}) ends with {@link OutboxFullException}; this, joining
 * and {@link #close}, which go on, leave the thread interrupted. What interrupted one handler is over when it returns.
 *
 * <p><b>After closing</b>, and from other threads while it closes, all that sends throws {@link IpcClosedException}; so do
 * {@code flush}, {@link #workers} and {@link #worker} once it has closed. {@code awaitWorkers} says {@code false},
 * {@link #statistics} says zero, {@code awaitClose} and {@code close} return when all is done, and what is left does
 * nothing or answers as before.
 *
 * <p><b>What is promised.</b> An alert arrives at most once, whole, and in order between two workers. It is lost only
 * where the receiver died or left before reading it, has no handler for it, this process was killed before it was
 * written, or a policy was chosen that drops ({@link WhenFull}). {@code send} returns when the alert is in this process's memory, on its way; {@link #flush} waits until it
 * is in the receiver's pipe.
 *
 * <p><b>Names</b> have 0 to 254 bytes of UTF-8; <b>data</b> has 0 to 4,294,967,040 bytes, and what is longer than an
 * outbox ({@link Builder#outboxBytes}) is {@linkplain #lend lent}.
 */
public final class Ipc implements AutoCloseable {
    /** The longest data of one alert, in bytes. */
    public static final long MAX_DATA = Packet.MAX_DATA;

    /** The longest name of an alert, in bytes of UTF-8. */
    public static final int MAX_NAME = Packet.MAX_NAME;

    /** No slot. */
    private static final int NOBODY = -1;

    private final AlertName names = new AlertName();
    private final HandlerRegistry<AlertHandler> handlers;
    private final NoRoom noRoom;
    private final NoRoom noRoomForBroadcasts;
    /** Null: nobody. */
    private volatile LossHandler lossHandler;
    private final long outboxBytes;
    private final Executor executor;
    private final Group<AlertHandler> group;
    /** The alert that a thread of the executor handles. */
    private final ThreadLocal<Alert> handedOut = new ThreadLocal<>();
    private final HandlersOfAlerts handlersOfAlerts = new HandlersOfAlerts();

    private Ipc(String groupName, Builder builder) {
        handlers = builder.handlers;
        lossHandler = builder.lossHandler;
        noRoom = noRoom(builder.whenFull);
        noRoomForBroadcasts = noRoom.withoutPace();
        outboxBytes = builder.outboxBytes;
        executor = builder.executor;
        GroupOptions options = new GroupOptions(builder.label, builder.index, builder.guest, builder.pipeBytes,
                builder.outboxBytes, builder.poolBytes, dropping(builder.whenFull), builder.partsBytes,
                builder.closeLimit, builder.leaveAtExit,
                builder.watchedSupervisor(), builder.spin, builder.splice, builder.fastPath);
        try {
            Platform.check();
            group = Group.prepare(groupName, options, RosterFolder.ofUser(), handlers, handlersOfAlerts);
            // A handler may be called before this constructor returns, but not before all fields are set.
            group.start();
        } catch (IOException | UnsupportedOperationException e) {
            throw new JoinException("cannot join group '" + groupName + "': " + e.getMessage(), e);
        }
    }

    private static NoRoom noRoom(WhenFull policy) {
        return switch (policy) {
            case WhenFull.Refuse refuse -> NoRoom.REFUSE;
            case WhenFull.Wait wait -> NoRoom.waitAtMost(wait.limit());
            case WhenFull.DropNewest drop -> NoRoom.DROP;
            case WhenFull.DropOldest drop -> NoRoom.DROP;
            case WhenFull.KeepLast drop -> NoRoom.DROP;
        };
    }

    /** Null if nothing is. */
    private static Dropping dropping(WhenFull policy) {
        return switch (policy) {
            case WhenFull.DropNewest drop -> Dropping.NEWEST;
            case WhenFull.DropOldest drop -> Dropping.OLDEST;
            case WhenFull.KeepLast drop -> Dropping.OLDER_OF_NAME;
            case WhenFull.Refuse refuse -> null;
            case WhenFull.Wait wait -> null;
        };
    }

    /**
     * Joins the group that this process's supervisor has told it, with the index and the label that it has told: as a
     * worker of {@code workerpipe run}, or of a {@link Supervisor}.
     *
     * @return the membership; close it to leave
     * @throws JoinException with the reason; also if this process was not started by a supervisor
     */
    public static Ipc join() {
        return builder().join();
    }

    /**
     * Joins a group with the defaults, as a worker that the others see.
     *
     * @param group {@code [A-Za-z0-9._-]{1,64}}, not {@code .} or {@code ..}
     * @return the membership; close it to leave
     * @throws JoinException            with the reason
     * @throws IllegalArgumentException if that is no name for a group
     */
    public static Ipc join(String group) {
        return builder(group).join();
    }

    /**
     * Joins the group that this process's supervisor has told it, with options, and with handlers that are there before
     * the first alert. Group, index and label are taken from the environment ({@code WORKERPIPE_GROUP},
     * {@code WORKERPIPE_INDEX}, {@code WORKERPIPE_LABEL}).
     *
     * @return what to set before {@link Builder#join}
     * @throws JoinException if this process was not started by a supervisor, or its environment was spoilt
     */
    public static Builder builder() {
        Assignment assignment = assignment();
        if (assignment == null) {
            throw new JoinException("no group to join: " + Assignment.GROUP
                    + " is not in the environment; start this process with 'workerpipe run', or name a group");
        }
        try {
            Builder builder = builder(assignment.group()).label(assignment.label());
            return assignment.index() < 0 ? builder : builder.index(assignment.index());
        } catch (IllegalArgumentException e) {
            throw new JoinException(Assignment.GROUP + " in the environment: " + e.getMessage(), e);
        }
    }

    private static Assignment assignment() {
        try {
            return Assignment.of(System.getenv());
        } catch (IllegalArgumentException e) {
            throw new JoinException(e.getMessage(), e);
        }
    }

    /**
     * Joins a group with options, and with handlers that are there before the first alert.
     *
     * @param group {@code [A-Za-z0-9._-]{1,64}}, not {@code .} or {@code ..}
     * @return what to set before {@link Builder#join}
     * @throws IllegalArgumentException if that is no name of a group
     */
    public static Builder builder(String group) {
        return new Builder(GroupName.check(group));
    }

    // ---------------------------------------------------------------- receiving

    /**
     * Sets the handler of a name, in place of the one before.
     *
     * @param name    the alerts' name
     * @param handler null: alerts of this name go to the handler of {@link #receiveUnknown} from now on, and are discarded
     *                if there is none
     * @throws NameTooLongException over 254 bytes
     */
    public void receive(String name, AlertHandler handler) {
        handlers.put(names.encode(name), handler);
    }

    /**
     * Sets several handlers at once: no alert meets some of them without the others.
     *
     * @param byName handlers by name; null values delete
     * @throws NameTooLongException over 254 bytes; then nothing is set
     */
    public void receive(Map<String, AlertHandler> byName) {
        byName.keySet().forEach(names::encode);
        handlers.putAll(byName);
    }

    /**
     * Sets the handler of all names that have none.
     *
     * @param handler null: such alerts are discarded, and counted
     */
    public void receiveUnknown(AlertHandler handler) {
        handlers.fallback(handler);
    }

    /**
     * Sets the handler that is told of alerts which a sender has dropped; see {@link WhenFull}. Without one, it is said
     * once in the log.
     *
     * @param handler null: nobody is told
     */
    public void receiveLoss(LossHandler handler) {
        lossHandler = handler;
    }

    /** Calls them on the reader thread, or has the executor do it. */
    private final class HandlersOfAlerts implements Delivery<AlertHandler> {
        /** Used by the reader thread only. */
        private CurrentAlert current;

        @Override
        public void deliver(AlertHandler handler, long first, long second, Generation generation,
                long nameOffset) {
            CurrentAlert alert = current;
            if (alert == null) {
                alert = new CurrentAlert(Ipc.this, Thread.currentThread());
                current = alert;
            }
            alert.begin(first, second, generation, nameOffset);
            try {
                if (executor == null) {
                    handler.handle(alert);
                } else {
                    Alert kept = alert.copy();
                    executor.execute(() -> handleApart(handler, kept));
                }
            } catch (Exception e) {
                throw HandlerFailure.of(e);
            } finally {
                alert.end();
            }
        }

        /** The alert whose handler runs now, or null. */
        CurrentAlert handled() {
            return current != null && current.isHandled() ? current : null;
        }

        @Override
        public boolean lost(int pid, int slot, long count) {
            LossHandler handler = lossHandler;
            if (handler == null) {
                return false;
            }
            Loss loss = new Loss(worker(pid, slot).orElseGet(() -> Worker.unknown(pid, slot)), count);
            if (executor == null) {
                tell(handler, loss);
            } else {
                executor.execute(() -> tellApart(handler, loss));
            }
            return true;
        }
    }

    private static void tell(LossHandler handler, Loss loss) {
        try {
            handler.handle(loss);
        } catch (Exception e) {
            throw HandlerFailure.of(e);
        }
    }

    private void tellApart(LossHandler handler, Loss loss) {
        try {
            handler.handle(loss);
        } catch (Throwable e) {
            group.handlerFailed("loss", e);
        }
    }

    private void handleApart(AlertHandler handler, Alert alert) {
        handedOut.set(alert);
        try {
            handler.handle(alert);
        } catch (Throwable e) {
            group.handlerFailed(alert.name(), e);
        } finally {
            handedOut.remove();
        }
    }

    /** The alert whose handler this thread runs, or null. */
    private Alert handling() {
        if (executor != null) {
            return handedOut.get();
        }
        return group.isReader() ? handlersOfAlerts.handled() : null;
    }

    /**
     * The sender of the alert whose handler this thread runs.
     *
     * @return empty outside a handler
     */
    public Optional<Worker> sender() {
        return Optional.ofNullable(handling()).map(Alert::sender);
    }

    /**
     * Answers the alert whose handler this thread runs.
     *
     * @param name the answer's name
     * @param data its data, as UTF-8
     * @throws IllegalStateException outside a handler
     * @throws NoSuchWorkerException if the sender is gone
     * @throws IpcException          as {@link #send(long, String, String)}
     */
    public void reply(String name, String data) {
        reply(handled(), name, data.getBytes(StandardCharsets.UTF_8));
    }

    /**
     * Answers the alert whose handler this thread runs.
     *
     * @param name the answer's name
     * @param data its data
     * @throws IllegalStateException outside a handler
     * @throws NoSuchWorkerException if the sender is gone
     * @throws IpcException          as {@link #send(long, String, String)}
     */
    public void reply(String name, byte[] data) {
        reply(handled(), name, data);
    }

    /**
     * Answers the alert whose handler this thread runs.
     *
     * @param name the answer's name
     * @param data its data
     * @throws IllegalStateException outside a handler
     * @throws NoSuchWorkerException if the sender is gone
     * @throws IpcException          as {@link #send(long, String, String)}
     */
    public void reply(String name, MemorySegment data) {
        reply(handled(), name, data);
    }

    private Alert handled() {
        Alert alert = handling();
        if (alert == null) {
            throw new IllegalStateException(
                    "reply outside a handler: there is no alert to answer; keep one with alert.copy() and call its reply");
        }
        return alert;
    }

    void reply(Alert alert, String name, byte[] data) {
        send((int) alert.senderPid(), alert.senderSlot(), alert.senderIncarnation(), name, data);
    }

    void reply(Alert alert, String name, MemorySegment data) {
        int pid = (int) alert.senderPid();
        Group.Outcome outcome = attempt(pid, alert.senderSlot(), alert.senderIncarnation(), names.encode(name), data);
        check(outcome, pid, data);
    }

    // ---------------------------------------------------------------- sending

    /**
     * Sends an alert to a worker. That it has left is seen at once, or in the middle of many alerts a page of 4 KiB later:
     * it reads those, unless it is already gone. Then they are counted as lost with it.
     *
     * @param pid  its process id
     * @param name 0 to 254 bytes of UTF-8
     * @param data its data, as UTF-8
     * @throws NoSuchWorkerException      no live worker of the group has this process id
     * @throws OutboxFullException        there is no room for it; see {@link Builder#whenFull}
     * @throws NameTooLongException       over 254 bytes
     * @throws DataTooLongException       longer than an alert or an outbox can be
     * @throws WorkerUnreachableException the kernel does not let this process open the worker's inbox
     * @throws IpcClosedException         this process has left the group
     */
    public void send(long pid, String name, String data) {
        send(pid, name, data.getBytes(StandardCharsets.UTF_8));
    }

    /**
     * Sends an alert to a worker.
     *
     * @param pid  its process id
     * @param name 0 to 254 bytes of UTF-8
     * @param data its data; copied before this returns
     * @throws IpcException as {@link #send(long, String, String)}
     */
    public void send(long pid, String name, byte[] data) {
        byte[] encoded = names.encode(name);
        if (!group.sendNow(pid, encoded, data)) {
            MemorySegment segment = MemorySegment.ofArray(data);
            check(attempt(pid, encoded, segment, noRoom), pid, segment);
        }
    }

    /**
     * Sends an alert to a worker.
     *
     * @param pid  its process id
     * @param name 0 to 254 bytes of UTF-8
     * @param data its data; copied before this returns
     * @throws IpcException as {@link #send(long, String, String)}
     */
    public void send(long pid, String name, MemorySegment data) {
        byte[] encoded = names.encode(name);
        checkLength(data.byteSize());
        if (!group.sendNow(pid, encoded, data)) {
            check(attempt(pid, encoded, data, noRoom), pid, data);
        }
    }

    /**
     * Sends an alert to a worker: to this very one, and never to another that got its process id or slot.
     *
     * @param worker of {@link #workers}, {@link #self} or {@link #sender}
     * @param name   0 to 254 bytes of UTF-8
     * @param data   its data, as UTF-8
     * @throws IpcException as {@link #send(long, String, String)}
     */
    public void send(Worker worker, String name, String data) {
        send(worker, name, data.getBytes(StandardCharsets.UTF_8));
    }

    /**
     * Sends an alert to a worker: to this very one, and never to another that got its process id or slot.
     *
     * @param worker of {@link #workers}, {@link #self} or {@link #sender}
     * @param name   0 to 254 bytes of UTF-8
     * @param data   its data; copied before this returns
     * @throws IpcException as {@link #send(long, String, String)}
     */
    public void send(Worker worker, String name, byte[] data) {
        send((int) worker.pid(), worker.slot(), worker.incarnation(), name, data);
    }

    private void send(int pid, int slot, long incarnation, String name, byte[] data) {
        byte[] encoded = names.encode(name);
        if (!group.sendNow(pid, slot, incarnation, encoded, data)) {
            MemorySegment segment = MemorySegment.ofArray(data);
            check(attempt(pid, slot, incarnation, encoded, segment), pid, segment);
        }
    }

    /**
     * Sends an alert to a worker: to this very one, and never to another that got its process id or slot.
     *
     * @param worker of {@link #workers}, {@link #self} or {@link #sender}
     * @param name   0 to 254 bytes of UTF-8
     * @param data   its data; copied before this returns
     * @throws IpcException as {@link #send(long, String, String)}
     */
    public void send(Worker worker, String name, MemorySegment data) {
        Group.Outcome outcome = attempt((int) worker.pid(), worker.slot(), worker.incarnation(), names.encode(name),
                data);
        check(outcome, worker.pid(), data);
    }

    /**
     * Sends an alert if there is room for it now, whatever {@link Builder#whenFull} says. While others wait because of a
     * policy that drops, there is none.
     *
     * @param pid  the worker's process id
     * @param name 0 to 254 bytes of UTF-8
     * @param data its data, as UTF-8
     * @return false if there is no room
     * @throws IpcException as {@link #send(long, String, String)}, but never OutboxFullException
     */
    public boolean trySend(long pid, String name, String data) {
        return trySend(pid, name, data.getBytes(StandardCharsets.UTF_8));
    }

    /**
     * Sends an alert if there is room for it now, whatever {@link Builder#whenFull} says. While others wait because of a
     * policy that drops, there is none.
     *
     * @param pid  the worker's process id
     * @param name 0 to 254 bytes of UTF-8
     * @param data its data; copied before this returns
     * @return false if there is no room
     * @throws IpcException as {@link #send(long, String, String)}, but never OutboxFullException
     */
    public boolean trySend(long pid, String name, byte[] data) {
        return trySend(pid, name, MemorySegment.ofArray(data));
    }

    /**
     * Sends an alert if there is room for it now, whatever {@link Builder#whenFull} says. While others wait because of a
     * policy that drops, there is none.
     *
     * @param pid  the worker's process id
     * @param name 0 to 254 bytes of UTF-8
     * @param data its data; copied before this returns
     * @return false if there is no room
     * @throws IpcException as {@link #send(long, String, String)}, but never OutboxFullException
     */
    public boolean trySend(long pid, String name, MemorySegment data) {
        Group.Outcome outcome = attempt(pid, names.encode(name), data, NoRoom.REFUSE);
        return switch (outcome) {
            case SENT -> true;
            case OUTBOX_FULL, POOL_EMPTY -> false;
            default -> throw refusal(outcome, pid, data);
        };
    }

    /**
     * Sends an alert to all live workers, this one included, through its own inbox.
     *
     * @param name 0 to 254 bytes of UTF-8
     * @param data its data, as UTF-8
     * @return how many workers it was sent to; not those for whom there was no room, and it was dropped
     * @throws OutboxFullException names those that had no room; all others get it
     * @throws IpcException        as {@link #send(long, String, String)}
     */
    public int broadcast(String name, String data) {
        return broadcast(name, data.getBytes(StandardCharsets.UTF_8));
    }

    /**
     * Sends an alert to all live workers, this one included, through its own inbox.
     *
     * @param name 0 to 254 bytes of UTF-8
     * @param data its data; copied before this returns
     * @return how many workers it was sent to; not those for whom there was no room, and it was dropped
     * @throws OutboxFullException names those that had no room; all others get it
     * @throws IpcException        as {@link #send(long, String, String)}
     */
    public int broadcast(String name, byte[] data) {
        return broadcast(name, MemorySegment.ofArray(data));
    }

    /**
     * Sends an alert to all live workers, this one included, through its own inbox.
     *
     * @param name 0 to 254 bytes of UTF-8
     * @param data its data; copied before this returns
     * @return how many workers it was sent to; not those for whom there was no room, and it was dropped
     * @throws OutboxFullException names those that had no room; all others get it
     * @throws IpcException        as {@link #send(long, String, String)}
     */
    public int broadcast(String name, MemorySegment data) {
        return sendToAll(NOBODY, name, data);
    }

    /**
     * Sends an alert to all live workers but this one.
     *
     * @param name 0 to 254 bytes of UTF-8
     * @param data its data, as UTF-8
     * @return how many workers it was sent to; not those for whom there was no room, and it was dropped
     * @throws IpcException as {@link #broadcast(String, String)}
     */
    public int broadcastToOthers(String name, String data) {
        return broadcastToOthers(name, data.getBytes(StandardCharsets.UTF_8));
    }

    /**
     * Sends an alert to all live workers but this one.
     *
     * @param name 0 to 254 bytes of UTF-8
     * @param data its data; copied before this returns
     * @return how many workers it was sent to; not those for whom there was no room, and it was dropped
     * @throws IpcException as {@link #broadcast(String, String)}
     */
    public int broadcastToOthers(String name, byte[] data) {
        return broadcastToOthers(name, MemorySegment.ofArray(data));
    }

    /**
     * Sends an alert to all live workers but this one.
     *
     * @param name 0 to 254 bytes of UTF-8
     * @param data its data; copied before this returns
     * @return how many workers it was sent to; not those for whom there was no room, and it was dropped
     * @throws IpcException as {@link #broadcast(String, String)}
     */
    public int broadcastToOthers(String name, MemorySegment data) {
        return sendToAll(group.slot(), name, data);
    }

    /** @param but the slot of who does not get it */
    private int sendToAll(int but, String name, MemorySegment data) {
        checkOpen();
        byte[] encoded = names.encode(name);
        int sent = group.broadcast(but, encoded, data);
        if (sent != 0) {
            return sent;
        }
        try {
            return sendToAll(but, encoded, data);
        } finally {
            group.endBroadcast();
        }
    }

    private int sendToAll(int but, byte[] name, MemorySegment data) {
        List<Worker> full = List.of();
        WorkerUnreachableException unreachable = null;
        int sent = 0;
        for (Entry receiver : group.live()) {
            if (receiver.slot() == but) {
                continue;
            }
            Group.Outcome outcome;
            try {
                // All others get it, though this one cannot be waited for.
                NoRoom here = group.mayWaitFor(receiver.slot())
                        ? noRoomForBroadcasts
                        : noRoom.withoutWaiting();
                outcome = attempt(receiver.pid(), receiver.slot(), receiver.incarnation(), name, data, here);
            } catch (WorkerUnreachableException e) {
                // The others shall get it all the same.
                unreachable = e;
                continue;
            }
            switch (outcome) {
                case SENT -> sent++;
                case OUTBOX_FULL, POOL_EMPTY -> {
                    if (full.isEmpty()) {
                        full = new ArrayList<>();
                    }
                    full.add(Worker.of(receiver));
                }
                // Gone between the look at the roster and now: it is no member any more. Or there was no room, and this
                // one was dropped.
                case NO_SUCH_WORKER, DROPPED -> {
                }
                default -> throw refusal(outcome, receiver.pid(), data);
            }
        }
        if (!full.isEmpty()) {
            throw new OutboxFullException("a broadcast of " + data.byteSize() + " bytes got to " + sent
                    + " workers, but there is no room for " + full + " (" + outboxBytes
                    + " bytes an outbox): they do not read as fast as is sent", full);
        }
        if (unreachable != null) {
            throw unreachable;
        }
        return sent;
    }

    /**
     * Sends an alert whose data stays where it is until it has been written: for data longer than an outbox, up to
     * 4,294,967,040 bytes. Other alerts to that worker wait behind it, in order. It is never dropped: where there is no
     * room for its place in the outbox, or others wait because of a policy that drops, it is refused.
     *
     * @param pid  the worker's process id
     * @param name 0 to 254 bytes of UTF-8
     * @param data not to be changed until the stage is completed; its memory may belong to a shared, automatic or global
     *             arena, or to an array, but not to a confined one
     * @return completed by the group's writer thread, which a dependent stage must not hold up, when the memory may be reused; exceptionally with a
     *         {@link NoSuchWorkerException} if the worker was gone, or this process left, before the end, and with what reading the memory threw
     *         if its arena was closed: then the receiver drops what it had got. To wait for it throws
     *         {@link IllegalStateException} in a stage of {@code lend}, and in a handler if it goes to this worker itself:
     *         only the thread that waits could bring it about
     * @throws IllegalArgumentException for memory of a confined arena
     * @throws IpcException             as {@link #send(long, String, String)}
     */
    public CompletionStage<Void> lend(long pid, String name, MemorySegment data) {
        if (!data.isAccessibleBy(new Thread())) {
            throw new IllegalArgumentException(
                    "data of a confined arena cannot be lent: the writer thread reads it; use a shared, automatic or global arena");
        }
        LentStage<Void> done = new LentStage<>(() -> group.checkMayWaitForLent(pid));
        try {
            checkLength(data.byteSize());
            Group.Outcome outcome = group.lend(pid, names.encode(name), data, done);
            if (outcome != Group.Outcome.SENT) {
                throw refusal(outcome, pid, data);
            }
        } catch (IOException e) {
            throw new WorkerUnreachableException(e.getMessage(), e);
        }
        return done.exceptionallyCompose(e -> CompletableFuture.failedFuture(
                e instanceof io.workerpipe.loop.LostWithReceiver ? new NoSuchWorkerException(e.getMessage()) : e));
    }

    private Group.Outcome attempt(long pid, byte[] name, MemorySegment data, NoRoom noRoom) {
        checkLength(data.byteSize());
        try {
            return group.send(pid, name, data, noRoom);
        } catch (IOException e) {
            throw new WorkerUnreachableException(e.getMessage(), e);
        }
    }

    private Group.Outcome attempt(int pid, int slot, long incarnation, byte[] name, MemorySegment data) {
        return attempt(pid, slot, incarnation, name, data, noRoom);
    }

    private Group.Outcome attempt(int pid, int slot, long incarnation, byte[] name, MemorySegment data,
            NoRoom noRoom) {
        checkLength(data.byteSize());
        try {
            return group.send(pid, slot, incarnation, name, data, noRoom);
        } catch (IOException e) {
            throw new WorkerUnreachableException(e.getMessage(), e);
        }
    }

    private static void checkLength(long length) {
        if (length > MAX_DATA) {
            throw new DataTooLongException(
                    "data of " + length + " bytes is longer than an alert's, at most " + MAX_DATA);
        }
    }

    private void check(Group.Outcome outcome, long pid, MemorySegment data) {
        if (outcome != Group.Outcome.SENT && outcome != Group.Outcome.DROPPED) {
            throw refusal(outcome, pid, data);
        }
    }

    private IpcException refusal(Group.Outcome outcome, long pid, MemorySegment data) {
        long length = data.byteSize();
        return switch (outcome) {
            case SENT, DROPPED -> throw new AssertionError("no refusal");
            case OUTBOX_FULL -> new OutboxFullException("no room for " + length + " bytes to worker " + pid
                    + ": its outbox holds " + group.queued((int) pid) + " of " + outboxBytes
                    + " bytes; it does not read as fast as is sent", full(pid));
            case POOL_EMPTY -> new OutboxFullException("no room for " + length + " bytes to worker " + pid
                    + ": all outboxes together hold their limit, " + group.poolBytes() + " bytes", full(pid));
            case TOO_LARGE -> new DataTooLongException("data of " + length + " bytes does not fit an outbox of "
                    + Math.min(outboxBytes, group.poolBytes()) + " bytes: lend it, or give outboxes more room");
            case NO_SUCH_WORKER -> new NoSuchWorkerException(
                    "no live worker of group '" + group.name() + "' has process id " + pid);
            case LEFT -> new IpcClosedException("this process has left group '" + group.name()
                    + "', or is leaving it");
        };
    }

    private void checkOpen() {
        if (group.hasLeft()) {
            throw new IpcClosedException("this process has left group '" + group.name() + "'");
        }
    }

    private List<Worker> full(long pid) {
        return List.of(worker(pid).orElseGet(() -> Worker.unknown((int) pid, -1)));
    }

    /**
     * Waits until all that was sent before this call has been written to the receivers' pipes, or cannot be any more. With
     * a policy that drops, also the notices of what was dropped of it.
     *
     * @param limit the longest wait
     * @return false when the time is over
     * @throws InterruptedException  if the thread was interrupted
     * @throws IllegalStateException in a handler, or in a stage of {@link #lend}
     */
    public boolean flush(Duration limit) throws InterruptedException {
        checkOpen();
        return group.flush(limit);
    }

    // ---------------------------------------------------------------- who is there

    /**
     * The name of the group.
     *
     * @return as given
     */
    public String group() {
        return group.name();
    }

    /**
     * This process as a worker.
     *
     * @return for a guest too, though nobody lists it
     */
    public Worker self() {
        return Worker.of(group.self());
    }

    /**
     * The live workers, this one included, in the order of their slots.
     *
     * @return as the roster shows them now; guests are not among them
     */
    public List<Worker> workers() {
        checkOpen();
        return group.live().stream().map(Worker::of).toList();
    }

    /**
     * The live worker with a process id.
     *
     * @param pid the process id
     * @return empty if there is none
     */
    public Optional<Worker> worker(long pid) {
        checkOpen();
        return Optional.ofNullable(group.live(pid)).map(Worker::of);
    }

    Optional<Worker> worker(int pid, int slot) {
        return Optional.ofNullable(group.at(pid, slot)).map(Worker::of);
    }

    /**
     * Waits until there are at least so many live workers, this one included.
     *
     * @param count how many
     * @param limit the longest wait
     * @return false when the time is over, or the group was closed
     * @throws InterruptedException  if the thread was interrupted
     * @throws IllegalStateException in a handler, or in a stage of {@link #lend}
     */
    public boolean awaitWorkers(int count, Duration limit) throws InterruptedException {
        return group.awaitLive(count, limit);
    }

    /**
     * What this worker has counted.
     *
     * @return all zero once it has left
     */
    public Statistics statistics() {
        return new Statistics(group.count(Counter.ALERTS_IN), group.count(Counter.BYTES_IN),
                group.count(Counter.DISCARDED), group.count(Counter.FAILED_HANDLERS),
                group.count(Counter.SKIPPED_BYTES), group.count(Counter.DROPPED_OPEN),
                group.count(Counter.ALERTS_OUT), group.count(Counter.BYTES_OUT), group.count(Counter.REFUSED),
                group.count(Counter.DROPPED), group.count(Counter.LOST_WITH_PEER), group.count(Counter.QUEUED_BYTES));
    }

    // ---------------------------------------------------------------- leaving

    /**
     * Waits until the group has been closed, by another thread or by a handler.
     *
     * @throws InterruptedException  if the thread was interrupted
     * @throws IllegalStateException in a handler, or in a stage of {@link #lend}
     */
    public void awaitClose() throws InterruptedException {
        group.awaitLeft();
    }

    /**
     * Leaves the group: what was sent to this worker before the others saw it leave is handled, what it sent is flushed,
     * both within {@link Builder#closeLimit}. In a handler this only begins, and is done after the handler has returned.
     * A JVM that exits without it leaves as well; one that is killed is found out by the others.
     */
    @Override
    public void close() {
        group.leave();
    }

    /** The group and the process id. */
    @Override
    public String toString() {
        return "worker " + self() + " of group '" + group.name() + "'";
    }

    /**
     * What to set before joining. Not for several threads.
     */
    public static final class Builder {
        private final String group;
        private final HandlerRegistry<AlertHandler> handlers = new HandlerRegistry<>();
        private String label = "";
        private int index = -1;
        private boolean guest;
        private boolean leaveAtExit = true;
        private int pipeBytes = 256 << 10;
        private long outboxBytes = 16L << 20;
        private long poolBytes = 256L << 20;
        private long partsBytes = 8L << 30;
        private Duration closeLimit = Duration.ofSeconds(5);
        private Duration spin;
        private boolean splice = true;
        private FastPath fastPath = FastPath.FOUND_OUT;
        private WhenFull whenFull = WhenFull.refuse();
        private LossHandler lossHandler;
        private Executor executor;
        /** Null: as the environment says. */
        private Boolean outliveSupervisor;

        private Builder(String group) {
            this.group = group;
        }

        /**
         * What this worker is called in lists.
         *
         * @param label what is longer than 63 bytes of UTF-8 is cut
         * @return this
         */
        public Builder label(String label) {
            this.label = label;
            return this;
        }

        /**
         * This worker's number, like {@code ngx.worker.id()}.
         *
         * @param index 0 or more
         * @return this
         */
        public Builder index(int index) {
            this.index = checkRange("index", index, 0, Integer.MAX_VALUE);
            return this;
        }

        /**
         * Joins as a guest: it only sends. It is not listed, gets no broadcasts and cannot be replied to.
         *
         * @return this
         */
        public Builder guest() {
            this.guest = true;
            return this;
        }

        /**
         * The size of the inbox. An ordinary user has room for 16,384 pages in all his pipes together; after that every
         * new pipe of his has 8 KiB. See {@code pipe-user-pages-soft} in pipe(7).
         *
         * @param bytes 4,096 to 1,048,576 (more for a privileged user); 262,144 by default
         * @return this
         */
        public Builder pipeBytes(int bytes) {
            this.pipeBytes = checkRange("pipeBytes", bytes, 4096, 1 << 30);
            return this;
        }

        /**
         * What may wait for one receiver.
         *
         * @param bytes 262,144 to 16 GiB; 16 MiB by default
         * @return this
         */
        public Builder outboxBytes(long bytes) {
            this.outboxBytes = checkRange("outboxBytes", bytes, 256 << 10, 16L << 30);
            return this;
        }

        /**
         * What may wait for all receivers together. Memory is taken when it is needed. Policies that keep some alerts and
         * drop others ({@link WhenFull#dropOldest}, {@link WhenFull#keepLast}) may keep as much again beside the outboxes.
         *
         * @param bytes 262,144 to 32 GiB; 256 MiB by default
         * @return this
         */
        public Builder poolBytes(long bytes) {
            this.poolBytes = checkRange("poolBytes", bytes, 256 << 10, 32L << 30);
            return this;
        }

        /**
         * What alerts of several packets may hold together before they are whole. One that would pass the limit is
         * dropped and counted.
         *
         * @param bytes 4,096 or more; 8 GiB by default. Memory is taken when data arrives, not when it is announced
         * @return this
         */
        public Builder partsBytes(long bytes) {
            this.partsBytes = checkRange("partsBytes", bytes, 4096, Long.MAX_VALUE);
            return this;
        }

        /**
         * How long {@link Ipc#close} may take; half of it for reading what still comes, if somebody does not stop.
         *
         * @param limit 5 seconds by default
         * @return this
         */
        public Builder closeLimit(Duration limit) {
            if (limit.isNegative()) {
                throw new IllegalArgumentException("a limit of " + limit + " is less than nothing");
            }
            this.closeLimit = limit;
            return this;
        }

        /**
         * How long the reader thread looks at an empty inbox before it sleeps. By default it spins for at most 50
         * microseconds, where alerts come at short intervals and lately fewer workers were awake than there are
         * processors; an idle worker uses no CPU time.
         *
         * @param limit zero: it sleeps at once, and each alert that meets a sleeping worker takes some 20 microseconds
         *              more. Longer: it spins so long in any case, and takes a processor for it, unless what
         *              handlers have sent waits for room in a pipe: then it sleeps until there is some
         * @return this
         */
        public Builder spin(Duration limit) {
            if (limit.isNegative()) {
                throw new IllegalArgumentException("a spin of " + limit + " is less than nothing");
            }
            this.spin = limit;
            return this;
        }

        /**
         * Whether whole pages may be put into pipes by reference instead of being copied (vmsplice(2)). Even then it is
         * done only in bursts, after their first 4 MiB, and only where a measurement of some milliseconds at the first one
         * says that it pays on this kernel.
         *
         * @param allowed true by default
         * @return this
         */
        public Builder splice(boolean allowed) {
            this.splice = allowed;
            return this;
        }

        /** For tests, which force a branch. */
        Builder fastPath(FastPath path) {
            this.fastPath = path;
            return this;
        }

        /**
         * What to do when there is no room for an alert.
         *
         * @param policy {@link WhenFull#refuse()} by default
         * @return this
         */
        public Builder whenFull(WhenFull policy) {
            this.whenFull = policy;
            return this;
        }

        /**
         * Sets a handler before joining, so that no alert comes too early. It may be called before {@link #join} has
         * returned.
         *
         * @param name    0 to 254 bytes of UTF-8
         * @param handler called for alerts of this name
         * @return this
         * @throws NameTooLongException over 254 bytes
         */
        public Builder receive(String name, AlertHandler handler) {
            handlers.put(new AlertName().encode(name), handler);
            return this;
        }

        /**
         * Sets the handler of all names that have none, before joining.
         *
         * @param handler called for alerts of unknown names
         * @return this
         */
        public Builder receiveUnknown(AlertHandler handler) {
            handlers.fallback(handler);
            return this;
        }

        /**
         * Sets the handler that is told of alerts which a sender has dropped, before joining.
         *
         * @param handler called for each notice; see {@link Ipc#receiveLoss}
         * @return this
         */
        public Builder receiveLoss(LossHandler handler) {
            this.lossHandler = handler;
            return this;
        }

        /**
         * Runs handlers on an executor instead of the reader thread. Each alert is copied first. An executor of several
         * threads gives up the order; one that refuses work loses the alert, which is counted as a failed handler.
         *
         * @param executor where handlers run
         * @return this
         */
        public Builder handlerExecutor(Executor executor) {
            this.executor = executor;
            return this;
        }

        /**
         * Whether the end of the JVM, by SIGTERM for one, makes this process leave. Shutdown hooks run all at once: a
         * program that has to finish something first, and needs the group for it, does both in a hook of its own.
         *
         * @param leave true by default; false: {@link Ipc#close} must be called, or the others take it for killed
         * @return this
         */
        public Builder leaveAtExit(boolean leave) {
            this.leaveAtExit = leave;
            return this;
        }

        /**
         * What to do when the supervisor that started this process is gone without having stopped it (it was killed):
         * stay, or leave the group, after which {@link Ipc#awaitClose} returns. It matters only for a worker of the
         * group that its supervisor has told it.
         *
         * @param outlive true: stay. By default what {@code WORKERPIPE_OUTLIVE_SUPERVISOR} says, 1 or 0; leave if there
         *                is none
         * @return this
         */
        public Builder outliveSupervisor(boolean outlive) {
            this.outliveSupervisor = outlive;
            return this;
        }

        /** Null if there is none, or its end does not matter. */
        private ProcessId watchedSupervisor() {
            Assignment assignment = guest ? null : assignment();
            if (assignment == null || !assignment.group().equals(group)) {
                return null;
            }
            boolean outlive = outliveSupervisor == null ? assignment.outlives() : outliveSupervisor;
            return outlive ? null : assignment.supervisor();
        }

        /**
         * Joins.
         *
         * @return the membership; close it to leave
         * @throws JoinException with the reason
         */
        public Ipc join() {
            return new Ipc(group, this);
        }

        private static int checkRange(String what, int value, int from, int to) {
            return (int) checkRange(what, (long) value, from, to);
        }

        private static long checkRange(String what, long value, long from, long to) {
            if (value < from || value > to) {
                throw new IllegalArgumentException(what + " is " + value + ", but must be " + from + " to " + to);
            }
            return value;
        }
    }
}
