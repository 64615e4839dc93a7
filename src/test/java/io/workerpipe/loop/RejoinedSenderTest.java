package io.workerpipe.loop;

import static org.assertj.core.api.Assertions.assertThat;

import io.workerpipe.dispatch.HandlerRegistry;
import io.workerpipe.linux.CallState;
import io.workerpipe.linux.Pipe;
import io.workerpipe.roster.Counter;
import io.workerpipe.roster.Counters;
import io.workerpipe.roster.CountersInMemory;
import io.workerpipe.roster.Roster;
import io.workerpipe.roster.RosterFolder;
import io.workerpipe.roster.Seat;
import io.workerpipe.roster.Sleeper;
import io.workerpipe.wire.Packet;
import io.workerpipe.wire.PagedAlert;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What is told of a sender's end, and what is still in the pipe. */
@Timeout(300)
class RejoinedSenderTest {
    private static final int LONG = 300_000;

    @TempDir
    Path path;

    private Inbox<LongConsumer> inbox;

    private static byte[] name(String name) {
        return name.getBytes(StandardCharsets.UTF_8);
    }

    private static MemorySegment data(int bytes) {
        MemorySegment data = MemorySegment.ofArray(new byte[bytes]);
        data.fill((byte) 7);
        return data;
    }

    /** A sender leaves, comes back into its slot and dies; the end of the first stay is heard in the middle of an alert. */
    @Test
    void shouldKeepAnAlertWhoseRestLiesInThePipeWhenItsSenderIsGoneForTheSecondTime() throws Exception {
        Counters counters = CountersInMemory.create();
        CompletableFuture<Long> came = new CompletableFuture<>();
        CountDownLatch reading = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        HandlerRegistry<LongConsumer> handlers = new HandlerRegistry<>();
        handlers.put(name("wait"), length -> {
            reading.countDown();
            try {
                go.await();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        });
        handlers.put(name("long"), came::complete);
        Seat self = Roster.join(RosterFolder.at(path), "g", false, "", -1);
        try (Sleeper sleeper = new Sleeper(); Surroundings around = new Surroundings(64L * Chunk.BYTES)) {
            Roster roster = self.roster();
            Pipe pipe = Pipe.create();
            pipe.resize(Inbox.READ_BYTES);
            Peers peers = new Peers(self, new Counts(counters), false, (pid, slot) -> inbox.senderGone(pid, slot));
            peers.connect(null, around.writer);
            inbox = new Inbox<>("test", pipe, pipe.openToLook(), handlers, new Direct(), new Counts(counters), peers,
                    self.slot(), 1 << 20, new Deferred(around.writer),
                    new IdleSpin(Duration.ZERO, 1, limit -> limit, System::nanoTime), () -> {});
            self.publish(pipe.inode(), pipe.readEnd().number());
            Seat first = sleeper.join(roster, "first");
            assertThat(peers.current().live(sleeper.pid())).isNotNull();
            first.close();
            Seat second = sleeper.join(roster, "second");
            assertThat(second.slot()).isEqualTo(first.slot());

            MemorySegment stream = Arena.ofAuto().allocate(LONG + 8 * Packet.PAGE + Inbox.READ_BYTES, Packet.PAGE);
            int end = new PagedAlert(sleeper.pid(), second.slot(), name("wait"), data(Packet.MAX_BODY - 4))
                    .fill(stream.address(), 1);
            end += new PagedAlert(sleeper.pid(), second.slot(), name("long"), data(LONG)).fill(stream.address() + end,
                    1024);
            CallState calls = CallState.ofAuto();
            assertThat(pipe.writeEnd().write(calls, stream, 0, Inbox.READ_BYTES)).isEqualTo(Inbox.READ_BYTES);
            // Tells of the end of the first stay.
            peers.current();
            inbox.start();
            assertThat(reading.await(20, TimeUnit.SECONDS)).isTrue();
            int rest = end - Inbox.READ_BYTES;
            assertThat(pipe.writeEnd().write(calls, stream, Inbox.READ_BYTES, rest)).isEqualTo(rest);
            second.close();
            go.countDown();

            assertThat(came.get(60, TimeUnit.SECONDS)).isEqualTo(LONG);
            assertThat(counters.get(Counter.DROPPED_OPEN)).isZero();
            inbox.leave(System.nanoTime());
            inbox.thread().join();
        } finally {
            self.close();
            self.roster().close();
        }
        assertThat(path).isEmptyDirectory();
    }

    private static final class Direct implements Delivery<LongConsumer> {
        @Override
        public void deliver(LongConsumer handler, long first, long second, Generation generation, long nameOffset) {
            handler.accept(Packet.dataLength(first, second));
        }

        @Override
        public boolean lost(int pid, int slot, long count) {
            return false;
        }
    }
}
