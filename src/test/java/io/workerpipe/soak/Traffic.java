package io.workerpipe.soak;

import io.workerpipe.IpcClosedException;
import io.workerpipe.Worker;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** What one thread of a worker sends: to one, to all, lent, in bursts and with pauses. Used by that thread only. */
final class Traffic {
    private static final int KIB = 1 << 10;
    private static final int MIB = 1 << 20;
    private static final int LONGEST = 50 * MIB;
    private static final int LONGEST_SMALL = 300;
    /** What one thread sends in a second is not much more. */
    private static final int BYTES_PER_MILLI = 4_000;
    private static final long LONGEST_PAUSE_MILLIS = 2_000;

    private final long thread;
    private final Random random;
    private final long outboxBytes;
    private final boolean small;

    Traffic(long thread, long seed, long outboxBytes, boolean small) {
        this.thread = thread;
        this.random = new Random(seed * 1_024 + thread);
        this.outboxBytes = outboxBytes;
        this.small = small;
    }

    /** Goes on in the next membership when one is over. */
    void run(Supplier<Membership> current, BooleanSupplier end) throws InterruptedException {
        int burst = 0;
        while (!end.getAsBoolean()) {
            Membership membership = current.get();
            long bytes;
            try {
                bytes = one(membership);
            } catch (IpcClosedException e) {
                LockSupport.parkNanos(1_000_000);
                continue;
            }
            burst = burst > 0 ? burst - 1 : random.nextInt(100) == 0 ? random.nextInt(300) : 0;
            long pause = Math.min(LONGEST_PAUSE_MILLIS, bytes / BYTES_PER_MILLI) * 1_000_000
                    + (burst > 0 ? 0 : random.nextInt(4_000_000));
            for (long until = System.nanoTime() + pause; pause > 0 && !end.getAsBoolean(); pause = until
                    - System.nanoTime()) {
                LockSupport.parkNanos(Math.min(pause, 50_000_000));
            }
        }
    }

    private long one(Membership membership) throws InterruptedException {
        int length = length();
        if (random.nextInt(20) == 0) {
            // What is longer than an outbox would have to be lent.
            int all = (int) Math.min(length, random.nextInt(50) == 0 ? Math.min(MIB / 2, outboxBytes / 2) : 20 * KIB);
            membership.broadcast(thread, all);
            return all * 8L;
        }
        List<Worker> workers = membership.ipc.workers();
        if (workers.isEmpty()) {
            // It is leaving, and all others are dead.
            return 0;
        }
        Worker to = workers.get(random.nextInt(workers.size()));
        if (length > outboxBytes / 2 || length > 100 && random.nextInt(20) == 0) {
            membership.lend(thread, to, length);
        } else {
            membership.send(thread, to, length, random.nextInt(4));
        }
        return length;
    }

    /** Mostly a packet or two, sometimes many, seldom 50 MiB. */
    int length() {
        if (small) {
            return 1 + random.nextInt(LONGEST_SMALL);
        }
        int kind = random.nextInt(10_000);
        int most = kind < 2_500
                ? 64
                : kind < 8_500
                        ? 2 * KIB
                        : kind < 9_800
                                ? 20 * KIB
                                : kind < 9_965
                                        ? 256 * KIB
                                        : kind < 9_997 ? 4 * MIB : LONGEST;
        return 1 + random.nextInt(most);
    }

    /** As many small ones as fast as it can. */
    void flood(Membership membership, long pid, int count, BooleanSupplier end) {
        Optional<Worker> to = membership.ipc.worker(pid);
        for (int i = 0; i < count && to.isPresent() && !end.getAsBoolean(); i++) {
            try {
                membership.send(thread, to.get(), 1 + random.nextInt(200), i);
            } catch (IpcClosedException e) {
                return;
            }
        }
    }
}
