package io.workerpipe.loop;

/**
 * How senders that may wait keep pace with the pipe. They do not run further ahead of it than {@link #AHEAD}: what is read
 * while it lies in the processors' caches is read in half the time. And a full pipe they wait for a moment by themselves,
 * before the writer thread does: it need not be woken then.
 *
 * <p>Neither goes on for long where the pipe does not move: then they run ahead, for {@link #RUN} bytes.
 */
final class Patience {
    private static final System.Logger LOG = Log.get();

    private static final long AHEAD = 512 << 10;

    /** So much has to leave in so much time, else the pipe is not waited for... */
    private static final long PACE_BYTES = AHEAD / 2;
    private static final long PACE_NANOS = 1_000_000;

    /** ...before so many bytes have left. */
    private static final long RUN = 8 << 20;

    private final PageStream stream;
    private final Outflow outflow;

    /** For those who have run ahead: opened when half of {@link #AHEAD} is left. */
    private final Gate caughtUp = new Gate();

    /** Who is sending now and may wait, unless somebody else who may has come after him. */
    private Thread patient;
    /** So many nanoseconds he has waited for the pipe. If another one's are among them he waits the shorter. */
    private long polledInSend;
    /** Before this position the pipe is not waited for. A guess: threads may overwrite each other. */
    private long awaitedFrom;

    /** While a sender waits for the pipe, who has the right to flush then. */
    private volatile boolean polling;
    /** With the right to flush: how long a sender waited for the pipe last, and what had been written by then. */
    private long polledNanos;
    private long polledAt;

    Patience(PageStream stream, Outflow outflow) {
        this.stream = stream;
        this.outflow = outflow;
    }

    // ---------------------------------------------------------------- sending, any thread

    /**
     * Before a sender sends who may wait: with more than {@link #AHEAD} in the stream it waits until that has left but for
     * {@link #PACE_BYTES}, as long as the receiver reads fast enough.
     *
     * @return the nanoseconds that it took, 0 for nothing
     */
    long keepPace(long nanos) {
        if (stream.queuedInStream() <= AHEAD || !isPipeWorthIt() || stream.isGroupThread()
                || Thread.currentThread().isInterrupted()) {
            return 0;
        }
        // The caller has looked at the roster.
        CutFile.settle();
        long start = System.nanoTime();
        long target = stream.claimed() - PACE_BYTES;
        long waited = 0;
        long before;
        do {
            before = stream.flushed();
            try {
                if (awaitLeft(target, Math.min(nanos - waited, PACE_NANOS))) {
                    if (stream.queuedInStream() > AHEAD) {
                        // By others, who do not wait: he alone would come to a standstill.
                        runAhead();
                    }
                    return System.nanoTime() - start;
                }
            } catch (InterruptedException e) {
                // He may send what there is room for.
                Thread.currentThread().interrupt();
                return System.nanoTime() - start;
            }
            waited = System.nanoTime() - start;
        } while (stream.flushed() - before >= PACE_BYTES && waited < nanos);
        runAhead();
        return waited;
    }

    /** Waits until all before a position has left, but for others' in the order of {@link #PACE_BYTES}, or it is closed. */
    boolean awaitLeft(long target, long nanos) throws InterruptedException {
        return caughtUp.await(() -> stream.flushed() >= target || stream.isClosed(), nanos);
    }

    /**
     * What the caller sends until {@link #end} may wait for a full pipe, if a thread like this one may.
     *
     * @param nanos how long at most; too short a time is none
     */
    void begin(long nanos) {
        // poll(2) knows milliseconds only, and a virtual thread would keep its carrier.
        if (nanos >= PACE_NANOS && !stream.isGroupThread() && !Thread.currentThread().isVirtual()) {
            polledInSend = 0;
            patient = Thread.currentThread();
        }
    }

    void end() {
        if (patient == Thread.currentThread()) {
            patient = null;
        }
    }

    /** Whether a sender waits for the pipe, who has the right to flush. */
    boolean isPolling() {
        return polling;
    }

    /** Whether a sender waits because he has run ahead. */
    boolean hasWaiters() {
        return caughtUp.isAwaited();
    }

    /** Nothing more is taken: who waits need not. */
    void closed() {
        caughtUp.changed();
    }

    private boolean isPipeWorthIt() {
        return stream.flushed() >= awaitedFrom;
    }

    /** The pipe does not move fast enough to be waited for. */
    private void runAhead() {
        awaitedFrom = stream.flushed() + RUN;
    }

    // ---------------------------------------------------------------- with the right to flush

    /** When the pipe is full: whether the caller was one to wait for it, and it has room again. */
    boolean awaitPipe() {
        if (Thread.currentThread() != patient || !isPipeWorthIt() || polledInSend > PACE_NANOS / 2) {
            return false;
        }
        if (polledNanos * PACE_BYTES > Math.min(RUN, outflow.head() - polledAt) * PACE_NANOS) {
            // The wait before was longer than what it brought is worth.
            polledNanos = 0;
            runAhead();
            return false;
        }
        long start = System.nanoTime();
        boolean room = false;
        polling = true;
        try {
            room = outflow.awaitPipe(PACE_NANOS);
        } catch (RuntimeException | Error e) {
            // Nothing is lost: the writer thread waits for it then.
            LOG.log(System.Logger.Level.DEBUG, "waiting for a pipe failed", e);
        } finally {
            polling = false;
        }
        polledAt = outflow.head();
        polledNanos = System.nanoTime() - start;
        polledInSend += polledNanos;
        if (!room) {
            runAhead();
        }
        return room;
    }

    /** So many bytes are in the stream now. */
    void remaining(long bytes) {
        if (bytes <= PACE_BYTES) {
            caughtUp.changed();
        }
    }
}
