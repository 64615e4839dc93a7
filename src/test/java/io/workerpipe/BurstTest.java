package io.workerpipe;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Alerts that come fast are written by the page: none may stay behind, and none may be another one's bytes. */
@Timeout(300)
class BurstTest {
    private static final long PID = ProcessHandle.current().pid();

    private final AtomicLong received = new AtomicLong();
    private final AtomicLong wrong = new AtomicLong();

    /** The number of the alert, and then bytes that follow from it. */
    private void check(Alert alert) {
        MemorySegment data = alert.data();
        long number = data.get(ValueLayout.JAVA_LONG_UNALIGNED, 0);
        boolean right = number == received.get();
        for (long at = Long.BYTES; at < data.byteSize(); at++) {
            right &= data.get(ValueLayout.JAVA_BYTE, at) == (byte) (number + at);
        }
        if (!right) {
            wrong.incrementAndGet();
        }
        received.incrementAndGet();
    }

    private static MemorySegment data(MemorySegment memory, long number, int bytes) {
        memory.set(ValueLayout.JAVA_LONG_UNALIGNED, 0, number);
        for (int at = Long.BYTES; at < bytes; at++) {
            memory.set(ValueLayout.JAVA_BYTE, at, (byte) (number + at));
        }
        return memory.asSlice(0, bytes);
    }

    /** Nobody calls flush here: what was sent has to come by itself. */
    private void awaitReceived(long count) {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (received.get() < count) {
            assertThat(System.nanoTime()).as("%d of %d alerts came within 20 s", received.get(), count).isLessThan(end);
            LockSupport.parkNanos(10_000);
        }
        assertThat(wrong.get()).isZero();
    }

    private Ipc join(boolean splice) {
        return Ipc.builder("BurstTest-" + PID).splice(splice).whenFull(WhenFull.waitAtMost(Duration.ofSeconds(20)))
                .receive("x", this::check).join();
    }

    @Test
    void shouldWriteTheTailOfEachBurst() {
        long seed = System.nanoTime();
        System.out.println("BurstTest tails seed " + seed);
        Random random = new Random(seed);
        long sent = 0;
        try (Arena arena = Arena.ofConfined(); Ipc ipc = join(true)) {
            MemorySegment memory = arena.allocate(6000);
            for (int round = 0; round < 500; round++) {
                int alerts = 1 + random.nextInt(400);
                int longest = random.nextInt(20) == 0 ? 6000 : 100;
                for (int i = 0; i < alerts; i++) {
                    MemorySegment data = data(memory, sent++, Long.BYTES + random.nextInt(longest - Long.BYTES));
                    if (random.nextBoolean()) {
                        ipc.send(PID, "x", data);
                    } else {
                        // Another way as far as the page.
                        ipc.send(PID, "x", data.toArray(ValueLayout.JAVA_BYTE));
                    }
                }
                awaitReceived(sent);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void shouldNotWriteToPagesThatThePipeStillHolds(boolean splice) {
        long sent = 0;
        try (Arena arena = Arena.ofConfined(); Ipc ipc = join(splice)) {
            MemorySegment memory = arena.allocate(30_000);
            // Enough that pages come back that were in the pipe.
            for (int burst = 0; burst < 6; burst++) {
                for (int i = 0; i < 400; i++) {
                    ipc.send(PID, "x", data(memory, sent++, 30_000 - i));
                }
                awaitReceived(sent);
            }
        }
    }
}
