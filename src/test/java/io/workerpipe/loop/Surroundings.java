package io.workerpipe.loop;

import io.workerpipe.linux.CallState;
import io.workerpipe.linux.Fd;
import io.workerpipe.linux.Proc;
import io.workerpipe.roster.Counters;
import io.workerpipe.roster.CountersInMemory;
import io.workerpipe.roster.Entry;
import io.workerpipe.roster.Roster;
import io.workerpipe.roster.RosterFolder;
import io.workerpipe.roster.Seat;
import io.workerpipe.roster.State;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;

/** What outboxes need around them, without a group: memory, and a writer thread that runs. Any thread. */
final class Surroundings implements AutoCloseable {
    /** A writer keeps what it watches by slot. */
    private static final int SLOTS = 1 << 16;

    final PagePool pool;
    final Writer writer;
    /** What its native thread is called, of which the system keeps 15 characters. */
    private static final AtomicInteger NAMES = new AtomicInteger();

    final String writerName;
    private final Path folder;
    private final Seat seat;
    private final AtomicLong made = new AtomicLong();
    private final long startTime = startTime();

    Surroundings(long poolBytes) throws IOException {
        this(poolBytes, true);
    }

    /** @param writes whether the writer thread runs */
    Surroundings(long poolBytes, boolean writes, Spare... spares) throws IOException {
        this(new PagePool(poolBytes), writes, spares);
    }

    /** @param pool is closed with it */
    Surroundings(PagePool pool, boolean writes, Spare... spares) throws IOException {
        this.pool = pool;
        folder = Files.createTempDirectory("workerpipe-outbox-");
        // Nobody else is in it: nobody is looked up here.
        seat = Roster.join(RosterFolder.at(folder), "test", true, "", -1);
        Peers peers = new Peers(seat, new Counts(CountersInMemory.create()), false, (pid, slot) -> {});
        String name = Integer.toString(NAMES.incrementAndGet());
        writerName = ("workerpipe-" + name + "-writer").substring(0, 15);
        writer = new Writer(name, peers, new PageSplices(false), SLOTS, -1);
        peers.connect(null, writer);
        for (Spare spare : spares) {
            writer.looksAfter(spare);
        }
        if (writes) {
            writer.start();
        }
    }

    private static long startTime() {
        try {
            return Proc.startTime(Proc.pid());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** An outbox that owns this end of a pipe. */
    Outbox outbox(Fd writeEnd, long limit, PagePool pool, PageWrites writes, PageSplices splices, Counters counters)
            throws IOException {
        Outbox outbox = unwatched(writeEnd, limit, pool, writes, splices, counters);
        writer.watch(outbox);
        return outbox;
    }

    /** The same to a file that is never full. */
    Outbox unwatched(Fd writeEnd, long limit, PagePool pool, PageWrites writes, PageSplices splices,
            Counters counters) {
        long incarnation = made.incrementAndGet();
        // Alive: whoever looks after it, since its pipe has no reader any more, does not free a slot that no roster has.
        Entry receiver = new Entry((int) incarnation % SLOTS, State.LIVE, Proc.pid(), startTime, incarnation, -1, 0, -1,
                "");
        return new Outbox(receiver, writeEnd, Proc.pid(), 0, limit, pool, writes, splices,
                null, new Counts(counters), writer, CallState.ofAuto());
    }

    /** Once all outboxes are closed. */
    @Override
    public void close() {
        if (!writer.stop(Duration.ofSeconds(60))) {
            throw new AssertionError("the writer thread has not ended within 60 s");
        }
        pool.close();
        try {
            seat.close();
            seat.roster().close();
            delete();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void delete() throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
