package io.workerpipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever is done with segments too late, on other threads, or while they are closed: an exception, and no other bytes. */
@Timeout(300)
class MemorySafetyTest {
    private static final long PID = ProcessHandle.current().pid();
    private static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;

    private String group;

    @BeforeEach
    void nameGroup(TestInfo test) {
        group = "MemorySafetyTest-" + PID + "-" + Integer.toHexString(test.getDisplayName().hashCode());
    }

    // ---------------------------------------------------------------- received

    /** All that a handler may keep of an alert, whose data is the same byte everywhere. */
    private record Kept(byte content, Alert alert, MemorySegment data, MemorySegment slice, ByteBuffer buffer) {
        static Kept of(byte content, Alert alert) {
            MemorySegment data = alert.data();
            MemorySegment slice = data.asSlice(data.byteSize() / 2);
            // A segment of more than 2 GiB has no buffer.
            return new Kept(content, alert, data, slice, slice.asByteBuffer().slice());
        }

        /** Reads one of them: false if that threw what it should; an error if it shows what it should not. */
        boolean canRead(Random random) {
            try {
                byte seen = switch (random.nextInt(4)) {
                    case 0 -> data.get(BYTE, random.nextLong(data.byteSize()));
                    case 1 -> slice.toArray(BYTE)[0];
                    case 2 -> buffer.get(random.nextInt(buffer.limit()));
                    default -> {
                        byte[] copy = new byte[buffer.limit()];
                        buffer.duplicate().get(copy);
                        yield copy[random.nextInt(copy.length)];
                    }
                };
                assertThat(seen).as("its own bytes").isEqualTo(content);
                return true;
            } catch (IllegalStateException | WrongThreadException e) {
                return false;
            }
        }
    }

    /** Small ones in the read buffer, some in places of the part pool, some too large for these. */
    private static final int[] LENGTHS = {1, 10, 100, 1_000, 3_000, 4_060, 5_000, 20_000, 70_000, 300_000, 1_500_000};

    @Test
    void shouldThrowOrShowItsOwnBytesWhateverIsKeptOfAnAlert() throws Exception {
        long seed = System.nanoTime();
        System.out.println("seed " + seed);
        int alerts = 4_000;
        Random random = new Random(seed);
        Random readers = new Random(seed + 1);
        List<Kept> kept = new ArrayList<>();
        Queue<Kept> forOthers = new ConcurrentLinkedQueue<>();
        AtomicInteger readLate = new AtomicInteger();
        AtomicInteger refused = new AtomicInteger();
        AtomicReference<Throwable> wrong = new AtomicReference<>();
        CountDownLatch all = new CountDownLatch(alerts);
        AlertHandler handler = alert -> {
            try {
                byte content = Byte.parseByte(alert.name());
                Kept now = Kept.of(content, alert);
                assertThat(now.canRead(readers)).isTrue();
                assertThat(now.data.isReadOnly()).isTrue();
                for (int i = 0; i < Math.min(8, kept.size()); i++) {
                    // The last ones may be of the same batch, whose memory is not used again yet.
                    Kept old = kept.get(kept.size() - 1 - (i < 4 ? i : readers.nextInt(kept.size())));
                    (old.canRead(readers) ? readLate : refused).incrementAndGet();
                }
                kept.add(now);
                forOthers.add(now);
            } catch (Throwable e) {
                wrong.compareAndSet(null, e);
                throw e;
            } finally {
                all.countDown();
            }
        };
        try (Ipc ipc = Ipc.builder(group).whenFull(WhenFull.waitAtMost(Duration.ofSeconds(60))).receiveUnknown(handler)
                .join()) {
            Thread other = Thread.ofPlatform().start(() -> readOnAnotherThread(all, forOthers, wrong));
            for (int i = 0; i < alerts; i++) {
                byte content = (byte) random.nextInt(127);
                byte[] data = new byte[LENGTHS[random.nextInt(random.nextInt(20) == 0 ? LENGTHS.length : 8)]];
                java.util.Arrays.fill(data, content);
                ipc.send(PID, Byte.toString(content), data);
            }
            assertThat(all.await(80, TimeUnit.SECONDS)).isTrue();
            other.join();
            assertThat(wrong.get()).isNull();
            assertThat(ipc.statistics().failedHandlers()).isZero();
        }
        System.out.println("read late: " + readLate + ", refused: " + refused);
        assertThat(refused.get()).as("most of it is refused").isGreaterThan(alerts);
        // The reader has ended: nothing of it is there.
        for (Kept old : kept) {
            assertThat(old.canRead(random)).isFalse();
            assertThatThrownBy(old.alert::text).isInstanceOf(IllegalStateException.class);
        }
    }

    private static void readOnAnotherThread(CountDownLatch all, Queue<Kept> kept, AtomicReference<Throwable> wrong) {
        Random random = new Random(1);
        try {
            while (all.getCount() != 0 || !kept.isEmpty()) {
                Kept next = kept.poll();
                if (next != null) {
                    assertThat(next.canRead(random)).as("readable on another thread").isFalse();
                    assertThatThrownBy(next.alert::data).isInstanceOf(IllegalStateException.class);
                }
            }
        } catch (Throwable e) {
            wrong.compareAndSet(null, e);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {10, 20_000, 1_500_000})
    void shouldRefuseEveryUseOfAnAlertOnAnotherThread(int length) throws Exception {
        CompletableFuture<Throwable> seen = new CompletableFuture<>();
        try (Ipc ipc = Ipc.builder(group).receive("n", alert -> {
            MemorySegment data = alert.data();
            List<Runnable> uses = List.of(alert::name, alert::senderPid, alert::length, alert::data, alert::copy,
                    alert::bytes, alert::text, alert::sender, () -> alert.reply("x", ""), () -> data.get(BYTE, 0),
                    () -> data.asByteBuffer().get(0), () -> data.toArray(BYTE), () -> data.mismatch(data),
                    () -> MemorySegment.ofArray(new byte[10]).copyFrom(data.asSlice(0, 10)));
            Thread other = Thread.ofVirtual().unstarted(() -> seen.complete(firstThatDoesNotThrow(uses)));
            other.start();
            other.join();
        }).join()) {
            ipc.send(PID, "n", new byte[length]);
            assertThat(seen.get(60, TimeUnit.SECONDS)).isNull();
        }
    }

    private static Throwable firstThatDoesNotThrow(List<Runnable> uses) {
        for (int i = 0; i < uses.size(); i++) {
            try {
                uses.get(i).run();
                return new AssertionError("use " + i + " did not throw");
            } catch (IllegalStateException | WrongThreadException e) {
                // As it should.
            } catch (Throwable e) {
                return e;
            }
        }
        return null;
    }

    @ParameterizedTest
    @ValueSource(ints = {10, 20_000, 1_500_000})
    void shouldNotLetAHandlerWriteToWhatItGot(int length) throws Exception {
        CompletableFuture<Throwable> seen = new CompletableFuture<>();
        try (Ipc ipc = Ipc.builder(group).receive("n", alert -> {
            try {
                for (MemorySegment data : List.of(alert.data(), alert.copy().data())) {
                    assertThatThrownBy(() -> data.set(BYTE, 0, (byte) 1)).isInstanceOfAny(
                            IllegalArgumentException.class,
                            UnsupportedOperationException.class);
                    assertThat(data.asByteBuffer().isReadOnly()).isTrue();
                    assertThatThrownBy(() -> data.get(BYTE, length)).isInstanceOf(IndexOutOfBoundsException.class);
                    assertThatThrownBy(() -> data.asSlice(0, length + 1L))
                            .isInstanceOf(IndexOutOfBoundsException.class);
                }
                seen.complete(null);
            } catch (Throwable e) {
                seen.complete(e);
            }
        }).join()) {
            ipc.send(PID, "n", new byte[length]);
            assertThat(seen.get(60, TimeUnit.SECONDS)).isNull();
        }
    }

    @Test
    void shouldKeepCopiesWhileTheirMemoryIsUsedAgain() throws Exception {
        BlockingQueue<Alert> copies = new ArrayBlockingQueue<>(1_000);
        try (ExecutorService executor = Executors.newFixedThreadPool(4);
                Ipc ipc = Ipc.builder(group).handlerExecutor(executor).receiveUnknown(copies::add).join()) {
            for (int i = 0; i < 300; i++) {
                byte[] data = new byte[LENGTHS[i % LENGTHS.length]];
                java.util.Arrays.fill(data, (byte) (i % 100));
                ipc.send(PID, Integer.toString(i % 100), data);
                if (i % 20 == 0) {
                    ipc.flush(Duration.ofSeconds(60));
                }
            }
            for (int i = 0; i < 300; i++) {
                Alert copy = copies.poll(60, TimeUnit.SECONDS);
                byte content = Byte.parseByte(copy.name());
                for (byte seen : copy.bytes()) {
                    if (seen != content) {
                        throw new AssertionError(copy + " shows " + seen);
                    }
                }
            }
        }
    }

    // ---------------------------------------------------------------- sent

    @ParameterizedTest
    @ValueSource(longs = {1, 3_000, 100_000, 5_000_000})
    void shouldRefuseMemoryThatIsClosedOrAnotherThreadsAndSendTheNextOneWhole(long length) throws Exception {
        BlockingQueue<String> seen = new ArrayBlockingQueue<>(10);
        // What was refused may still hold room.
        try (Ipc ipc = Ipc.builder(group).receiveUnknown(alert -> seen.add(alert.name() + alert.length()))
                .whenFull(WhenFull.waitAtMost(Duration.ofSeconds(60))).join()) {
            MemorySegment closed;
            try (Arena arena = Arena.ofConfined()) {
                closed = arena.allocate(length);
            }
            CompletableFuture<MemorySegment> made = new CompletableFuture<>();
            CountDownLatch used = new CountDownLatch(1);
            Thread owner = Thread.ofPlatform().start(() -> {
                try (Arena arena = Arena.ofConfined()) {
                    made.complete(arena.allocate(length));
                    used.await();
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
            });
            MemorySegment others = made.get();
            for (int i = 0; i < 3; i++) {
                assertThatThrownBy(() -> ipc.send(PID, "closed", closed)).isInstanceOf(IllegalStateException.class);
                assertThatThrownBy(() -> ipc.trySend(PID, "closed", closed)).isInstanceOf(IllegalStateException.class);
                assertThatThrownBy(() -> ipc.send(ipc.self(), "foreign", others))
                        .isInstanceOf(WrongThreadException.class);
                assertThatThrownBy(() -> ipc.broadcast("foreign", others)).isInstanceOf(WrongThreadException.class);
                assertThatThrownBy(() -> ipc.lend(PID, "foreign", others)).isInstanceOf(IllegalArgumentException.class);
                ipc.send(PID, "good", new byte[1000 + i]);
                assertThat(seen.poll(60, TimeUnit.SECONDS)).isEqualTo("good" + (1000 + i));
            }
            used.countDown();
            owner.join();
            assertThat(seen).isEmpty();
            assertThat(ipc.statistics().skippedBytes()).isZero();
        }
    }

    @Test
    void shouldTakeAnyReadableSegment() throws Exception {
        BlockingQueue<byte[]> seen = new ArrayBlockingQueue<>(1);
        try (Ipc ipc = Ipc.builder(group).receiveUnknown(alert -> seen.add(alert.bytes())).join();
                Arena arena = Arena.ofConfined()) {
            MemorySegment native1 = arena.allocate(10_001, 1).asSlice(1);
            new Random(1).ints(native1.byteSize()).forEach(i -> native1.set(BYTE, Math.floorMod(i, 10_000), (byte) i));
            List<MemorySegment> all = List.of(MemorySegment.ofArray(new byte[]{1, 2, 3}),
                    MemorySegment.ofArray(new char[]{1, 2, 3}), MemorySegment.ofArray(new short[]{1, 2, 3}),
                    MemorySegment.ofArray(new int[]{1, 2, 3}), MemorySegment.ofArray(new float[]{1, 2, 3}),
                    MemorySegment.ofArray(new long[]{1, 2, 3}), MemorySegment.ofArray(new double[]{1, 2, 3}),
                    MemorySegment.ofArray(new long[1_000]).asSlice(3, 7_001), MemorySegment.NULL,
                    MemorySegment.ofBuffer(ByteBuffer.allocateDirect(100).position(3)),
                    MemorySegment.ofBuffer(ByteBuffer.allocate(100).position(3).asReadOnlyBuffer()), native1,
                    native1.asSlice(3, 17), native1.asReadOnly(), native1.asSlice(5, 0));
            for (MemorySegment data : all) {
                byte[] expected = data.toArray(BYTE);
                ipc.send(PID, "n", data);
                assertThat(seen.poll(60, TimeUnit.SECONDS)).as("%s", data).isEqualTo(expected);
                if (data.isAccessibleBy(new Thread())) {
                    ipc.lend(PID, "n", data).toCompletableFuture().get(60, TimeUnit.SECONDS);
                    assertThat(seen.poll(60, TimeUnit.SECONDS)).as("lent %s", data).isEqualTo(expected);
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {3_000, 200_000, 8_000_000})
    void shouldSendWholeOrNotAtAllWhenTheMemoryIsClosedMeanwhile(int length) throws Exception {
        long seed = System.nanoTime();
        System.out.println("seed " + seed);
        Random random = new Random(seed);
        int rounds = length > 1_000_000 ? 40 : 300;
        AtomicInteger handled = new AtomicInteger();
        AtomicReference<String> broken = new AtomicReference<>();
        AtomicInteger accepted = new AtomicInteger();
        AtomicInteger failed = new AtomicInteger();
        try (Ipc ipc = Ipc.builder(group).outboxBytes(32 << 20).closeLimit(Duration.ofSeconds(60))
                .whenFull(WhenFull.waitAtMost(Duration.ofSeconds(60))).receive("n", alert -> {
                    MemorySegment data = alert.data();
                    byte content = data.get(BYTE, 0);
                    for (long at = 0; at < data.byteSize(); at += 97) {
                        if (data.get(BYTE, at) != content || alert.length() != length) {
                            broken.set(alert + " at " + at);
                        }
                    }
                    handled.incrementAndGet();
                }).join()) {
            for (int i = 0; i < rounds; i++) {
                Arena arena = Arena.ofShared();
                MemorySegment data = arena.allocate(length).fill((byte) i);
                boolean lend = i % 2 == 1;
                int pause = random.nextInt(length / 4);
                Thread closer = Thread.ofPlatform().start(() -> closeAfter(arena, pause));
                try {
                    if (lend) {
                        ipc.lend(PID, "n", data).toCompletableFuture().get(60, TimeUnit.SECONDS);
                    } else {
                        ipc.send(PID, "n", data);
                    }
                    accepted.incrementAndGet();
                } catch (IllegalStateException | ExecutionException e) {
                    assertThat(lend ? unwrapped(e) : e).isInstanceOf(IllegalStateException.class);
                    failed.incrementAndGet();
                }
                closer.join();
            }
        }
        System.out.println(length + " bytes: " + accepted + " sent, " + failed + " closed before");
        assertThat(broken.get()).isNull();
        assertThat(handled.get()).isEqualTo(accepted.get());
    }

    private static Throwable unwrapped(Throwable e) {
        return e instanceof ExecutionException ? e.getCause() : e;
    }

    private static void closeAfter(Arena arena, int turns) {
        for (int i = 0; i < turns; i++) {
            Thread.onSpinWait();
        }
        for (;;) {
            try {
                arena.close();
                return;
            } catch (IllegalStateException e) {
                // It is being read right now.
                Thread.onSpinWait();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {3_000, 200_000})
    void shouldThrowAndGoOnWhenAMappedFileWasCut(int length, @TempDir Path folder) throws Exception {
        BlockingQueue<String> seen = new ArrayBlockingQueue<>(10);
        try (Ipc ipc = Ipc.builder(group).receiveUnknown(alert -> seen.add(alert.name())).join();
                Arena arena = Arena.ofShared()) {
            Path file = Files.write(folder.resolve("data"), new byte[length]);
            try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
                MemorySegment mapped = channel.map(FileChannel.MapMode.READ_ONLY, 0, length, arena);
                channel.truncate(0);
                assertThatThrownBy(() -> ipc.send(PID, "cut", mapped)).isInstanceOf(InternalError.class);
                assertThatThrownBy(() -> ipc.lend(PID, "cut", mapped).toCompletableFuture().get(60, TimeUnit.SECONDS))
                        .hasCauseInstanceOf(InternalError.class);
            }
            ipc.send(PID, "good", "");
            assertThat(seen.poll(60, TimeUnit.SECONDS)).isEqualTo("good");
            assertThat(ipc.statistics().skippedBytes()).isZero();
        }
    }
}
