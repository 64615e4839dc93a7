package io.workerpipe.loop;

import static org.assertj.core.api.Assertions.assertThat;

import io.workerpipe.linux.Fd;
import io.workerpipe.linux.Sockets;
import io.workerpipe.roster.Counter;
import io.workerpipe.roster.Counters;
import io.workerpipe.roster.CountersInMemory;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A kernel that does not keep the rule of whole pages, and one that refuses vmsplice: a socket and a file stand in for
 * their pipes.
 */
@Timeout(300)
class TornWriteTest {
    private static final byte[] NAME = {'x'};
    private static final int ALERTS = 3000;

    @TempDir
    Path folder;

    @Test
    void shouldTurnManyPageWritesOffForGoodAndLoseNothingWhenAWriteIsCutInsideAPage() throws Exception {
        PageWrites writes = new PageWrites(true);
        Counters counters = CountersInMemory.create();
        List<Fd> ends = Sockets.pair(folder);
        Fd writeEnd = ends.get(0);
        try (Surroundings around = new Surroundings(64L * Chunk.BYTES); Fd readEnd = ends.get(1)) {
            Outbox outbox = around.outbox(writeEnd, 512 << 10, around.pool, writes, new PageSplices(false), counters);
            Thread sender = Thread.ofPlatform().daemon().start(() -> {
                for (int number = 0; number < ALERTS; number++) {
                    byte[] data = Intake.data(0, number, number % 3 == 0 ? 60_000 : 10 + number);
                    while (outbox.offer(0, NAME, MemorySegment.ofArray(data)) == Outbox.Offer.OUTBOX_FULL) {
                        try {
                            outbox.awaitRoom(1, data.length, TimeUnit.SECONDS.toNanos(60));
                        } catch (InterruptedException e) {
                            return;
                        }
                    }
                }
            });
            Intake intake = new Intake(64 << 10);
            Until.holds("all received", () -> {
                while (intake.read(readEnd, false) > 0 && intake.faults() == 0) {
                    assertThat(intake.alerts()).isLessThanOrEqualTo(ALERTS);
                }
                return intake.alerts() == ALERTS || intake.faults() != 0;
            });
            assertThat(intake.fault()).isEqualTo("none");
            sender.join();
            assertThat(writes.many()).as("many pages in one write").isFalse();
            outbox.finish();
            Until.holds("closed", () -> !writeEnd.isOpen());
            assertThat(counters.get(Counter.ALERTS_OUT)).isEqualTo(ALERTS);
        }
    }

    /** A file instead of the pipe: it takes all that is written, but no vmsplice. */
    @Test
    void shouldCopyFromThenOnAndLoseNothingWhenVmspliceIsRefused() throws Exception {
        PageSplices splices = PageSplices.forced();
        Path file = Files.createFile(folder.resolve("file"));
        Fd writeEnd = Fd.open(file.toString(), Fd.O_WRONLY);
        try (Surroundings around = new Surroundings(64L * Chunk.BYTES);
                Fd readEnd = Fd.open(file.toString(), Fd.O_RDONLY)) {
            Outbox outbox = around.unwatched(writeEnd, 1 << 20, around.pool, new PageWrites(true), splices,
                    CountersInMemory.create());
            AtomicInteger sent = new AtomicInteger();
            Until.holds("a burst, and vmsplice refused", () -> {
                for (int i = 0; i < 20; i++) {
                    byte[] data = Intake.data(0, sent.getAndIncrement(), 60_000);
                    // Full, where this machine writes more slowly than that.
                    while (outbox.offer(0, NAME, MemorySegment.ofArray(data)) != Outbox.Offer.ACCEPTED) {
                        assertThat(outbox.awaitRoom(1, data.length, TimeUnit.SECONDS.toNanos(60))).isTrue();
                    }
                }
                return !splices.on();
            });
            assertThat(splices.calls()).isZero();
            splices.probe();
            assertThat(splices.on()).as("tried again").isFalse();
            outbox.finish();
            Until.holds("closed", () -> !writeEnd.isOpen());
            Intake intake = new Intake(64 << 10);
            while (intake.read(readEnd, false) > 0) {
                assertThat(intake.fault()).isEqualTo("none");
            }
            assertThat(intake.alerts()).isEqualTo(sent.get());
        }
    }
}
