package io.workerpipe.soak;

import io.workerpipe.Alert;
import io.workerpipe.Ipc;
import io.workerpipe.IpcClosedException;
import io.workerpipe.NoSuchWorkerException;
import io.workerpipe.OutboxFullException;
import io.workerpipe.Worker;
import io.workerpipe.process.Journal;
import io.workerpipe.process.Journal.Kind;
import io.workerpipe.process.Payload;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/** From joining to leaving: sends, receives, and writes all of it down. Any thread. */
final class Membership {
    private static final String TRAFFIC = "traffic";
    private static final String MARKER = "marker";
    /** Opens an outbox to everybody. */
    private static final String REST = "rest";
    /** The number of the thread that runs the handlers. */
    private static final long READER = 0;
    /** One alert in so many is answered. */
    private static final int ANSWERED = 8;
    private static final int LONGEST_ANSWER = 3_000;
    private static final long LIMIT_SECONDS = 60;

    final Ipc ipc;
    private final Journals journals;
    private volatile Journal journal;
    private volatile boolean leaving;
    /** Our incarnation. The first alert may come before join has returned: then its handler waits here. */
    private final CompletableFuture<Long> self = new CompletableFuture<>();
    private final Map<Long, Numbers> numbers = new ConcurrentHashMap<>();
    private final AtomicInteger nap = new AtomicInteger();
    private final Semaphore markers = new Semaphore(0);

    /** What one thread sends to each receiver is numbered. Used by that thread only. */
    private static final class Numbers {
        private final Map<Long, Integer> next = new HashMap<>();

        long next(long thread, long receiver) {
            return thread << 32 | next.merge(receiver, 1, Integer::sum) - 1;
        }
    }

    /** @param late others are sending already */
    Membership(Ipc.Builder builder, Journals journals, boolean late) throws IOException {
        this.journals = journals;
        journal = journals.create();
        if (late) {
            journal.late();
        }
        ipc = builder.receive(TRAFFIC, this::received).receiveUnknown(this::receivedTiny)
                .receive(MARKER, alert -> markers.release()).receive(REST, alert -> {})
                .receiveLoss(loss -> journal.write(Kind.NOTICE, loss.sender().pid(), loss.count(), 0, false)).join();
        owns(journal);
        self.complete(ipc.self().incarnation());
    }

    private void owns(Journal fresh) {
        fresh.owner(ipc.self().incarnation(), ipc.self().pid());
        journals.put(ipc.self().incarnation(), fresh);
    }

    /** Another round begins, in another journal; nobody sends. */
    void open(int round) throws IOException {
        journals.open(round);
        journal = journals.create();
        owns(journal);
        numbers.clear();
    }

    void leave() {
        leaving = true;
        ipc.close();
        journal.left();
    }

    // ---------------------------------------------------------------- receiving

    private void received(Alert alert) {
        written(alert, Payload.check(alert.data()));
    }

    private void receivedTiny(Alert alert) {
        // Other names come out of lies.
        if (Tiny.isTiny(alert.name())) {
            written(alert, Tiny.check(alert.name(), alert.data()));
        }
    }

    private void written(Alert alert, Payload.Header header) {
        self.join();
        boolean toAll = header != null && header.receiver() == Payload.ALL;
        // It may have been for an earlier membership of this process, whose process id the sender used.
        Journal of = header == null || header.senderPid() != alert.senderPid()
                ? null
                : toAll ? journal : journals.of(header.receiver());
        if (of == null) {
            System.out.println("broken: " + alert + ", " + header);
            journal.write(Kind.BROKEN, 0, 0, (int) alert.length(), false);
            return;
        }
        of.write(Kind.RECEIVED, header.sender(), header.sequence(), (int) alert.length(), toAll);
        LockSupport.parkNanos(nap.getAndSet(0) * 1_000_000L);
        // Its own: a handler cannot wait for room in its own inbox.
        if (!toAll && header.senderPid() != pid() && header.sequence() >>> 32 != READER
                && header.sequence() % ANSWERED == 0) {
            answer(alert, header);
        }
    }

    private void answer(Alert alert, Payload.Header to) {
        int length = Payload.MIN + (int) (to.sequence() * 131 % LONGEST_ANSWER);
        long sequence = next(READER, to.sender());
        long line = journal.write(Kind.ATTEMPTED, to.sender(), sequence, length, false);
        journal.become(line, outcome(() -> {
            alert.reply(TRAFFIC, Payload.of(self.join(), to.sender(), sequence, pid(), length));
            return true;
        }));
    }

    /** The next handler sleeps. */
    void nap(int millis) {
        nap.set(millis);
    }

    // ---------------------------------------------------------------- sending

    private interface Attempt {
        boolean run();
    }

    private static Kind outcome(Attempt attempt) {
        try {
            return attempt.run() ? Kind.ACCEPTED : Kind.REFUSED;
        } catch (OutboxFullException | IpcClosedException e) {
            return Kind.REFUSED;
        } catch (NoSuchWorkerException e) {
            return Kind.GONE;
        }
    }

    private long next(long thread, long receiver) {
        return numbers.computeIfAbsent(thread, number -> new Numbers()).next(thread, receiver);
    }

    private int pid() {
        return (int) ipc.self().pid();
    }

    private record Content(String name, byte[] data) {}

    private Content content(long receiver, long sequence, int length) {
        long sender = self.join();
        if (!Tiny.fits(length)) {
            return new Content(TRAFFIC, Payload.of(sender, receiver, sequence, pid(), length));
        }
        String name = Tiny.name(sender, receiver, sequence, pid(), length);
        return new Content(name, Tiny.data(name, length));
    }

    /** @param how one of the ways to send, by number */
    void send(long thread, Worker to, int length, int how) {
        long sequence = next(thread, to.incarnation());
        Content content = content(to.incarnation(), sequence, length);
        long line = journal.write(Kind.ATTEMPTED, to.incarnation(), sequence, length, false);
        journal.become(line, outcome(() -> switch (how % 4) {
            case 0 -> {
                ipc.send(to, content.name, content.data);
                yield true;
            }
            case 1 -> {
                try (Arena arena = Arena.ofConfined()) {
                    MemorySegment data = arena.allocate(length);
                    data.copyFrom(MemorySegment.ofArray(content.data));
                    ipc.send(to.pid(), content.name, data);
                }
                yield true;
            }
            case 2 -> ipc.trySend(to.pid(), content.name, content.data);
            default -> {
                ipc.send(to.pid(), content.name, content.data);
                yield true;
            }
        }));
    }

    /** Returns when the memory has been given back. */
    void lend(long thread, Worker to, int length) throws InterruptedException {
        long sequence = next(thread, to.incarnation());
        try (Arena arena = Arena.ofShared()) {
            MemorySegment data = arena.allocate(length);
            Payload.fill(data.asByteBuffer(), self.join(), to.incarnation(), sequence, pid());
            long line = journal.write(Kind.ATTEMPTED, to.incarnation(), sequence, length, false);
            CompletableFuture<Void> done = new CompletableFuture<>();
            Kind kind = outcome(() -> {
                ipc.lend(to.pid(), TRAFFIC, data).whenComplete((nothing, e) -> {
                    if (e == null) {
                        done.complete(null);
                    } else {
                        done.completeExceptionally(e);
                    }
                });
                return true;
            });
            journal.become(line, kind);
            if (kind == Kind.ACCEPTED) {
                done.get(LIMIT_SECONDS, TimeUnit.SECONDS);
            }
        } catch (ExecutionException e) {
            if (!(e.getCause() instanceof NoSuchWorkerException)) {
                throw new IllegalStateException("a lent alert failed", e.getCause());
            }
        } catch (TimeoutException e) {
            throw new IllegalStateException("a lent alert was not written within " + LIMIT_SECONDS + " s", e);
        }
    }

    void broadcast(long thread, int length) {
        if (leaving) {
            // The journal may hold one that was cut off by leaving, not two.
            return;
        }
        long sequence = next(thread, Payload.ALL);
        Content content = content(Payload.ALL, sequence, length);
        long line = journal.write(Kind.ATTEMPTED, Payload.ALL, sequence, length, true);
        try {
            journal.accepted(line, ipc.broadcast(content.name, content.data));
        } catch (OutboxFullException e) {
            for (Worker full : e.workers()) {
                journal.write(Kind.REFUSED, full.incarnation(), sequence, length, true);
            }
            journal.accepted(line, sentTo(e));
        }
    }

    /** What the message says: "a broadcast of N bytes got to N workers, ...". */
    private static int sentTo(OutboxFullException refusal) {
        return Integer.parseInt(refusal.getMessage().split(" ")[7]);
    }

    // ---------------------------------------------------------------- coming to rest

    /** Waits until all that this one has sent is in pipes, and all that is in its own has been read. */
    String settle() throws InterruptedException {
        if (!ipc.flush(java.time.Duration.ofSeconds(LIMIT_SECONDS))) {
            return "unflushed";
        }
        markers.drainPermits();
        for (int tries = 0; tries < 10 * LIMIT_SECONDS; tries++) {
            // What a lie had claimed may have taken the one before.
            ipc.send(ipc.self(), MARKER, "");
            if (markers.tryAcquire(100, TimeUnit.MILLISECONDS)) {
                return "settled";
            }
        }
        return "unread";
    }

    /** Like all others that rest: connected to everybody, and without garbage. */
    String rest() {
        ipc.broadcast(REST, "");
        System.gc();
        return ipc.statistics().toString();
    }
}
