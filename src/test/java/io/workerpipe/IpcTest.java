package io.workerpipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.Timeout;

/** The API within one process: a worker that sends to itself, through its own pipe. */
@Timeout(300)
class IpcTest {
    private static final long PID = ProcessHandle.current().pid();

    private String group;
    private final BlockingQueue<String> seen = new ArrayBlockingQueue<>(100_000);

    @BeforeEach
    void nameGroup(TestInfo test) {
        group = "IpcTest-" + PID + "-" + Integer.toHexString(test.getDisplayName().hashCode());
    }

    @AfterEach
    void shouldHaveSeenNothingElse() {
        assertThat(seen).isEmpty();
    }

    private String next() throws InterruptedException {
        String next = seen.poll(20, TimeUnit.SECONDS);
        assertThat(next).as("an alert within 20 s").isNotNull();
        return next;
    }

    @Test
    void shouldReceiveWhatWasSentInOrder() throws Exception {
        try (Ipc ipc = Ipc.join(group)) {
            ipc.receive("n", alert -> seen.add(alert.name() + alert.text() + alert.length()));
            for (int i = 0; i < 10_000; i++) {
                ipc.send(PID, "n", Integer.toString(i));
            }
            for (int i = 0; i < 10_000; i++) {
                String text = Integer.toString(i);
                assertThat(next()).isEqualTo("n" + text + text.length());
            }
        }
    }

    @Test
    void shouldTakeAllKindsOfDataAndNames() throws Exception {
        String longest = "n".repeat(Ipc.MAX_NAME);
        try (Ipc ipc = Ipc.builder(group).receiveUnknown(alert -> seen.add(alert.name() + "=" + alert.text())).join();
                Arena arena = Arena.ofConfined()) {
            ipc.send(ipc.self(), "", "");
            ipc.send(PID, longest, "text");
            ipc.send(PID, "bytes", "bytes".getBytes(StandardCharsets.UTF_8));
            ipc.send(PID, "segment", arena.allocateFrom("segment").asSlice(0, 7));
            ipc.send(PID, "käse", "❤");
            assertThat(List.of(next(), next(), next(), next(), next())).containsExactly("=", longest + "=text",
                    "bytes=bytes", "segment=segment", "käse=❤");
        }
    }

    @Test
    void shouldSetSeveralHandlersAndDeleteOne() throws Exception {
        try (Ipc ipc = Ipc.join(group)) {
            ipc.receive(Map.of("a", alert -> seen.add("a"), "b", alert -> seen.add("b")));
            ipc.receive("end", alert -> seen.add("end"));
            ipc.receive("a", null);
            ipc.send(PID, "a", "");
            ipc.send(PID, "b", "");
            ipc.send(PID, "end", "");
            assertThat(next()).isEqualTo("b");
            assertThat(next()).isEqualTo("end");
        }
    }

    @Test
    void shouldReplyToTheSenderAndKnowItOnlyInsideAHandler() throws Exception {
        try (Ipc ipc = Ipc.join(group)) {
            ipc.receive("ask", alert -> {
                assertThat(ipc.sender()).contains(ipc.self());
                ipc.reply("answer", "by ipc");
                alert.reply("answer", "by alert");
            });
            ipc.receive("answer", alert -> seen.add(alert.text()));
            ipc.send(PID, "ask", "");
            assertThat(next()).isEqualTo("by ipc");
            assertThat(next()).isEqualTo("by alert");
            assertThat(ipc.sender()).isEmpty();
            assertThatThrownBy(() -> ipc.reply("x", "")).isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("outside a handler");
        }
    }

    @Test
    void shouldReachItselfByBroadcastButNotByBroadcastToOthers() throws Exception {
        try (Ipc ipc = Ipc.join(group)) {
            ipc.receive("b", alert -> seen.add(alert.text()));
            assertThat(ipc.broadcastToOthers("b", "others")).isZero();
            assertThat(ipc.broadcast("b", "all")).isEqualTo(1);
            assertThat(next()).isEqualTo("all");
        }
    }

    @Test
    void shouldGoOnWhenAHandlerThrows() throws Exception {
        try (Ipc ipc = Ipc.join(group)) {
            ipc.receive("bad", alert -> {
                throw new Exception("as the test wants");
            });
            ipc.receive("good", alert -> seen.add("good"));
            ipc.send(PID, "bad", "");
            ipc.send(PID, "good", "");
            assertThat(next()).isEqualTo("good");
            ipc.send(PID, "good", "");
            assertThat(next()).isEqualTo("good");
            assertThat(ipc.statistics().failedHandlers()).isEqualTo(1);
        }
    }

    @Test
    void shouldDeliverWhatAHandlerSendsToItselfLater() throws Exception {
        try (Ipc ipc = Ipc.join(group)) {
            ipc.receive("first", alert -> {
                ipc.send(PID, "second", "");
                seen.add("first done");
            });
            ipc.receive("second", alert -> seen.add("second"));
            ipc.send(PID, "first", "");
            assertThat(next()).isEqualTo("first done");
            assertThat(next()).isEqualTo("second");
        }
    }

    @Test
    void shouldPutSplitAlertsTogether() throws Exception {
        AtomicReference<byte[]> got = new AtomicReference<>();
        CountDownLatch done = new CountDownLatch(1);
        byte[] data = new byte[5_000_000];
        new java.util.Random(42).nextBytes(data);
        try (Ipc ipc = Ipc.join(group)) {
            ipc.receive("big", alert -> {
                got.set(alert.bytes());
                done.countDown();
            });
            ipc.send(PID, "big", data);
            assertThat(done.await(20, TimeUnit.SECONDS)).isTrue();
            assertThat(got.get()).isEqualTo(data);
        }
    }

    @Test
    void shouldLendWhatIsLargerThanAnOutbox() throws Exception {
        CompletableFuture<Long> sum = new CompletableFuture<>();
        long length = 40L << 20;
        try (Ipc ipc = Ipc.join(group); Arena arena = Arena.ofShared()) {
            MemorySegment data = arena.allocate(length);
            for (long i = 0; i < length; i += 8) {
                data.set(ValueLayout.JAVA_LONG, i, i);
            }
            ipc.receive("big", alert -> {
                long wrong = alert.length() == length ? alert.data().mismatch(data) : -2;
                sum.complete(wrong);
            });
            ipc.receive("after", alert -> seen.add("after"));
            assertThatThrownBy(() -> ipc.send(PID, "big", data)).isInstanceOf(DataTooLongException.class)
                    .hasMessageContaining("lend");
            CompletableFuture<Void> lent = ipc.lend(PID, "big", data).toCompletableFuture();
            ipc.send(PID, "after", "");
            lent.get(20, TimeUnit.SECONDS);
            assertThat(sum.get(20, TimeUnit.SECONDS)).isEqualTo(-1);
            assertThat(next()).isEqualTo("after");
        }
    }

    @Test
    void shouldAbortALentAlertWhoseArenaIsClosed() throws Exception {
        CountDownLatch mayRead = new CountDownLatch(1);
        try (Ipc ipc = Ipc.join(group)) {
            ipc.receive("block", alert -> mayRead.await());
            ipc.receiveUnknown(alert -> seen.add(alert.name()));
            ipc.send(PID, "block", "");
            Arena arena = Arena.ofShared();
            CompletableFuture<Void> lent = ipc.lend(PID, "lent", arena.allocate(100 << 20)).toCompletableFuture();
            ipc.send(PID, "after", "");
            closeWhenNotInUse(arena);
            mayRead.countDown();
            assertThatThrownBy(() -> lent.get(20, TimeUnit.SECONDS)).isInstanceOf(ExecutionException.class);
            assertThat(next()).isEqualTo("after");
        }
    }

    private static void closeWhenNotInUse(Arena arena) {
        for (;;) {
            try {
                arena.close();
                return;
            } catch (IllegalStateException e) {
                // The writer thread is copying from it right now.
                Thread.onSpinWait();
            }
        }
    }

    @Test
    void shouldRefuseToLendConfinedMemory() {
        try (Ipc ipc = Ipc.join(group); Arena arena = Arena.ofConfined()) {
            assertThatThrownBy(() -> ipc.lend(PID, "x", arena.allocate(10)))
                    .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("confined");
        }
    }

    @Test
    void shouldRefuseWithTheReason() {
        try (Ipc ipc = Ipc.join(group)) {
            assertThatThrownBy(() -> ipc.send(1, "x", "")).isInstanceOf(NoSuchWorkerException.class)
                    .hasMessageContaining("process id 1");
            assertThatThrownBy(() -> ipc.send(1L << 40, "x", "")).isInstanceOf(NoSuchWorkerException.class);
            assertThatThrownBy(() -> ipc.send(PID, "n".repeat(255), "")).isInstanceOf(NameTooLongException.class)
                    .hasMessageContaining("255");
            assertThatThrownBy(() -> ipc.send(PID, "n", new byte[20 << 20])).isInstanceOf(DataTooLongException.class)
                    .hasMessageContaining(Integer.toString(20 << 20));
            ipc.send(PID, "n", "");
            MemorySegment endless = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);
            assertThatThrownBy(() -> ipc.send(PID, "n", endless)).isInstanceOf(DataTooLongException.class);
            assertThatThrownBy(() -> Ipc.join(group)).isInstanceOf(JoinException.class)
                    .hasMessageContaining("member");
            assertThatThrownBy(() -> Ipc.join("a/b")).isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void shouldSayFullWithTheFiguresAndLoseNothingThatWasAccepted() throws Exception {
        CountDownLatch blocked = new CountDownLatch(1);
        CountDownLatch mayRead = new CountDownLatch(1);
        try (Ipc ipc = Ipc.builder(group).pipeBytes(4096).outboxBytes(256 << 10).join()) {
            ipc.receive("block", alert -> {
                blocked.countDown();
                mayRead.await();
            });
            ipc.receive("n", alert -> seen.add(alert.text().strip()));
            ipc.send(PID, "block", "");
            blocked.await();
            int accepted = 0;
            while (ipc.trySend(PID, "n", String.format("%-1000d", accepted))) {
                accepted++;
            }
            assertThat(accepted).isBetween(100, 1000);
            assertThatThrownBy(() -> ipc.send(PID, "n", "x".repeat(1000))).isInstanceOf(OutboxFullException.class)
                    .hasMessageContaining(Integer.toString(256 << 10))
                    .satisfies(e -> assertThat(((OutboxFullException) e).workers()).containsExactly(ipc.self()));
            assertThatThrownBy(() -> ipc.broadcast("n", "x".repeat(1000))).isInstanceOf(OutboxFullException.class)
                    .satisfies(e -> assertThat(((OutboxFullException) e).workers()).containsExactly(ipc.self()));
            mayRead.countDown();
            for (int i = 0; i < accepted; i++) {
                assertThat(next()).isEqualTo(Integer.toString(i));
            }
            assertThat(ipc.statistics().refused()).isEqualTo(3);
        }
    }

    @Test
    void shouldWaitForRoomUpToTheLimit() throws Exception {
        CountDownLatch blocked = new CountDownLatch(1);
        CountDownLatch mayRead = new CountDownLatch(1);
        try (Ipc ipc = Ipc.builder(group).pipeBytes(4096).outboxBytes(256 << 10)
                .whenFull(WhenFull.waitAtMost(Duration.ofSeconds(20))).join()) {
            ipc.receive("block", alert -> {
                blocked.countDown();
                mayRead.await();
            });
            ipc.receive("n", alert -> seen.add(alert.text().strip()));
            ipc.send(PID, "block", "");
            blocked.await();
            Thread sender = Thread.ofVirtual().start(() -> {
                for (int i = 0; i < 2000; i++) {
                    ipc.send(PID, "n", String.format("%-1000d", i));
                }
            });
            assertThat(sender.join(Duration.ofMillis(100))).isFalse();
            mayRead.countDown();
            for (int i = 0; i < 2000; i++) {
                assertThat(next()).isEqualTo(Integer.toString(i));
            }
            sender.join();
        }
    }

    @Test
    void shouldKeepTheOrderOfEachThreadWhenManySend() throws Exception {
        int threads = 8;
        int each = 20_000;
        int[] last = new int[threads];
        List<String> wrong = new ArrayList<>();
        CountDownLatch all = new CountDownLatch(threads * each);
        try (Ipc ipc = Ipc.builder(group).outboxBytes(256 << 10).whenFull(WhenFull.waitAtMost(Duration.ofSeconds(20)))
                .receive("n", alert -> {
                    String[] words = alert.text().strip().split(" ");
                    int thread = Integer.parseInt(words[0]);
                    int number = Integer.parseInt(words[1]);
                    if (number != ++last[thread]) {
                        wrong.add(alert.text());
                    }
                    all.countDown();
                }).join(); ExecutorService senders = Executors.newFixedThreadPool(threads)) {
            for (int t = 0; t < threads; t++) {
                int thread = t;
                senders.execute(() -> {
                    for (int i = 1; i <= each; i++) {
                        // Now and then one of several packets.
                        String padding = i % 1000 == 0 ? " ".repeat(10_000) : "";
                        ipc.send(PID, "n", thread + " " + i + padding);
                    }
                });
            }
            assertThat(all.await(40, TimeUnit.SECONDS)).as("%d alerts did not arrive", all.getCount()).isTrue();
            assertThat(wrong).isEmpty();
        }
    }

    @Test
    void shouldThrowWhenASegmentIsUsedAfterItsMemoryIsUsedAgain() throws Exception {
        AtomicReference<Alert> keptAlert = new AtomicReference<>();
        AtomicReference<Alert> copy = new AtomicReference<>();
        List<MemorySegment> kept = new ArrayList<>();
        try (Ipc ipc = Ipc.join(group)) {
            ipc.receive("n", alert -> {
                keptAlert.set(alert);
                copy.set(alert.copy());
                kept.add(alert.data());
                seen.add("n");
            });
            ipc.receive("check", alert -> {
                try {
                    kept.getFirst().get(ValueLayout.JAVA_BYTE, 0);
                    seen.add("read");
                } catch (IllegalStateException e) {
                    seen.add("closed");
                }
            });
            ipc.send(PID, "n", "first");
            assertThat(next()).isEqualTo("n");
            // Another filling of the buffer, so the first one's memory has been given up.
            ipc.send(PID, "check", "");
            assertThat(next()).isEqualTo("closed");
            assertThatThrownBy(() -> keptAlert.get().text()).isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("copy");
            assertThatThrownBy(() -> kept.getFirst().get(ValueLayout.JAVA_BYTE, 0))
                    .isInstanceOfAny(IllegalStateException.class, WrongThreadException.class);
            assertThat(copy.get().text()).isEqualTo("first");
            assertThat(copy.get().sender()).isEqualTo(ipc.self());
        }
    }

    @Test
    void shouldRunHandlersOnAnExecutor() throws Exception {
        try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();
                Ipc ipc = Ipc.builder(group).handlerExecutor(executor).join()) {
            ipc.receive("ask", alert -> {
                assertThat(Thread.currentThread().isVirtual()).isTrue();
                assertThat(ipc.sender()).contains(ipc.self());
                ipc.reply("answer", alert.text());
            });
            ipc.receive("answer", alert -> seen.add(alert.text()));
            ipc.send(PID, "ask", "hi");
            assertThat(next()).isEqualTo("hi");
        }
    }

    @Test
    void shouldRefuseToWaitForItselfInAHandler() throws Exception {
        try (Ipc ipc = Ipc.join(group)) {
            ipc.receive("n", alert -> {
                assertThatThrownBy(() -> ipc.flush(Duration.ofSeconds(1))).isInstanceOf(IllegalStateException.class);
                assertThatThrownBy(ipc::awaitClose).isInstanceOf(IllegalStateException.class);
                assertThatThrownBy(() -> ipc.awaitWorkers(2, Duration.ofSeconds(1)))
                        .isInstanceOf(IllegalStateException.class);
                seen.add("refused");
            });
            ipc.send(PID, "n", "");
            assertThat(next()).isEqualTo("refused");
        }
    }

    @Test
    @SuppressWarnings("try")
    void shouldCloseFromAHandlerAfterItHasReturned() throws Exception {
        try (Ipc ipc = Ipc.join(group)) {
            ipc.receive("quit", alert -> {
                ipc.close();
                seen.add("handler goes on");
            });
            ipc.send(PID, "quit", "");
            ipc.awaitClose();
            assertThat(next()).isEqualTo("handler goes on");
            assertThatThrownBy(() -> ipc.send(PID, "n", "")).isInstanceOf(IpcClosedException.class);
        }
    }

    @Test
    void shouldHandleWhatWasSentBeforeClosing() throws Exception {
        Ipc ipc = Ipc.builder(group).receive("n", alert -> seen.add(alert.text())).join();
        for (int i = 0; i < 1000; i++) {
            ipc.send(PID, "n", Integer.toString(i));
        }
        ipc.close();
        ipc.close();
        for (int i = 0; i < 1000; i++) {
            assertThat(seen.poll()).isEqualTo(Integer.toString(i));
        }
        assertThat(Ipc.join(group)).satisfies(again -> {
            assertThat(again.workers()).hasSize(1);
            again.close();
        });
    }

    @Test
    void shouldFlushAndListAndCount() throws Exception {
        try (Ipc ipc = Ipc.builder(group).label("me").index(3).join()) {
            assertThat(ipc.self().label()).isEqualTo("me");
            assertThat(ipc.self().index()).isEqualTo(3);
            assertThat(ipc.workers()).containsExactly(ipc.self());
            assertThat(ipc.worker(PID)).contains(ipc.self());
            assertThat(ipc.worker(1)).isEqualTo(Optional.empty());
            assertThat(ipc.awaitWorkers(1, Duration.ZERO)).isTrue();
            assertThat(ipc.awaitWorkers(2, Duration.ZERO)).isFalse();
            for (int i = 0; i < 100; i++) {
                ipc.send(PID, "nobody", "x");
            }
            assertThat(ipc.flush(Duration.ofSeconds(10))).isTrue();
            assertThat(ipc.statistics().alertsOut()).isEqualTo(100);
        }
    }
}
