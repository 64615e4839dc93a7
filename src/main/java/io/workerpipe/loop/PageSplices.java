package io.workerpipe.loop;

import io.workerpipe.linux.CallState;
import io.workerpipe.linux.Fd;
import io.workerpipe.linux.IoVec;
import io.workerpipe.linux.Memory;
import io.workerpipe.linux.Pipe;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Whether whole pages go into pipes by vmsplice(2), without a copy. Any thread.
 *
 * <p>One copy less, and the pipe's lock is not held for it, where the kernel does it by reference: that is measured once a
 * process, on a pipe of its own, when the first burst begins. A kernel in which it copies, or fails, or is not allowed,
 * costs nothing.
 */
public final class PageSplices {
    /** Below this the call costs about as much as the copy. */
    private static final int LEAST_BYTES = 4 * 4096;
    /**
     * Nor does it pay before so much has been written since the outbox was idle: when it is again, what a pipe may hold is
     * given back to the system, and the next burst has page faults.
     */
    private static final long LEAST_BURST = 4 << 20;

    private static final System.Logger LOG = Log.get();
    private static final int ROUNDS = 20;
    /**
     * Moved in a round, or what a pipe may hold, if that is less. With 64 KiB what a call from cold Java costs was more than
     * what it does: 15 instead of 20 us where C took 4 instead of 8, and one process in several left it.
     */
    private static final int MOST_BYTES = 256 << 10;
    private static final int LEAST_MEASURED = 64 << 10;
    private static final long HUGE_PAGE = 2 << 20;
    /** Of the time that a write takes: what gains less is not worth its rules. */
    private static final double PAYS = 0.9;

    private static final class Measured {
        static final boolean PAYS = measure();
    }

    private final boolean wanted;
    private final long leastBurst;
    private volatile boolean on;
    private volatile boolean refused;
    private final AtomicLong calls = new AtomicLong();

    PageSplices(boolean wanted) {
        this(wanted, LEAST_BURST);
    }

    private PageSplices(boolean wanted, long leastBurst) {
        this.wanted = wanted;
        this.leastBurst = leastBurst;
    }

    /** On, whatever a measurement would say, and from the beginning of a burst. */
    static PageSplices forced() {
        return forced(0);
    }

    /** The same after so many bytes of a burst. */
    static PageSplices forced(long leastBurst) {
        PageSplices splices = new PageSplices(true, leastBurst);
        splices.on = true;
        return splices;
    }

    boolean on() {
        return on;
    }

    /**
     * @param length of a write, bytes
     * @param before bytes written before it since the outbox was idle
     */
    boolean pay(int length, long before) {
        return on && length >= LEAST_BYTES && before >= leastBurst;
    }

    /** By the writer thread, when it hears of a burst. Takes some milliseconds the first time. */
    void probe() {
        if (wanted && !on && !refused && Measured.PAYS) {
            on = true;
        }
    }

    /** A pipe has taken pages. */
    void took() {
        calls.incrementAndGet();
    }

    /** How often a pipe has taken pages by reference. */
    long calls() {
        return calls.get();
    }

    /** A pipe refused it: never again. */
    void failed(String reason) {
        refused = true;
        on = false;
        LOG.log(System.Logger.Level.INFO, "pages are copied into pipes from now on: vmsplice: {0}", reason);
    }

    private static boolean measure() {
        MemorySegment mapping;
        try {
            mapping = Memory.map(2 * HUGE_PAGE);
        } catch (OutOfMemoryError e) {
            return false;
        }
        try (Arena arena = Arena.ofConfined(); Pipe pipe = Pipe.create()) {
            pipe.resize(MOST_BYTES);
            int bytes = Math.min(MOST_BYTES, pipe.size());
            // As the pages of outboxes lie.
            Memory.hugePages(mapping);
            MemorySegment memory = mapping.asSlice(Math.floorMod(-mapping.address(), HUGE_PAGE), HUGE_PAGE);
            if (bytes < LEAST_MEASURED || !Memory.discard(memory, 0, bytes)) {
                // Locked in memory (mlockall): what a pipe has taken could not be given back.
                return false;
            }
            // What nobody has written to is the kernel's one page of zeros, which it treats differently.
            memory.asSlice(0, 2L * bytes).fill((byte) 1);
            CallState calls = CallState.allocate(arena);
            MemorySegment vector = IoVec.allocate(arena, 1);
            IoVec.set(vector, 0, memory, 0, bytes);
            long write = Long.MAX_VALUE;
            long splice = Long.MAX_VALUE;
            for (int round = 1; round <= ROUNDS; round++) {
                long start = System.nanoTime();
                if (pipe.writeEnd().write(calls, memory, 0, bytes) != bytes) {
                    return false;
                }
                int read = pipe.readEnd().read(calls, memory, bytes, bytes);
                write = Math.min(write, System.nanoTime() - start);
                memory.set(ValueLayout.JAVA_INT, 0, round);
                start = System.nanoTime();
                int spliced = pipe.writeEnd().vmsplice(calls, vector, 1, Fd.SPLICE_F_NONBLOCK);
                if (spliced != bytes) {
                    return false;
                }
                int readSpliced = pipe.readEnd().read(calls, memory, bytes, bytes);
                splice = Math.min(splice, System.nanoTime() - start);
                if (read != bytes || readSpliced != bytes
                        || memory.get(ValueLayout.JAVA_INT, bytes) != round) {
                    return false;
                }
            }
            LOG.log(System.Logger.Level.DEBUG, "{0} KiB through a pipe: {1} ns by write, {2} ns by vmsplice",
                    bytes >> 10, write, splice);
            return splice < write * PAYS;
        } catch (IOException | RuntimeException | OutOfMemoryError e) {
            return false;
        } finally {
            Memory.unmap(mapping);
        }
    }
}
