package io.workerpipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What the policies that drop do to one who sends to himself while his handler does not return: what comes, and where. */
@Timeout(300)
class DroppingTest {
    private static final long PID = ProcessHandle.current().pid();
    private static final int OUTBOX = 256 << 10;
    private static final int PIPE = 64 << 10;
    private static final byte[] DATA = new byte[1000];

    /** What came, in order: names, and the counts of losses as "-n". */
    private final BlockingQueue<String> seen = new LinkedBlockingQueue<>();
    private final CountDownLatch mayGoOn = new CountDownLatch(1);

    private static Stream<WhenFull> policies() {
        return Stream.of(WhenFull.dropNewest(), WhenFull.dropOldest(), WhenFull.keepLast());
    }

    /** Its reader is in a handler until {@link #mayGoOn} is counted down. */
    private Ipc blocked(WhenFull policy, String test) throws Exception {
        CompletableFuture<Void> isBlocked = new CompletableFuture<>();
        Ipc ipc = Ipc.builder("DroppingTest-" + PID + "-" + test.hashCode()).outboxBytes(OUTBOX).pipeBytes(PIPE)
                .whenFull(policy).closeLimit(Duration.ofSeconds(20))
                .receiveUnknown(alert -> seen.add(alert.name() + (alert.length() == 8 ? alert.text() : "")))
                .receiveLoss(loss -> {
                    assertThat(loss.sender().pid()).isEqualTo(PID);
                    assertThat(loss.count()).isPositive();
                    seen.add("-" + loss.count());
                }).receive("block", alert -> {
                    isBlocked.complete(null);
                    mayGoOn.await();
                }).join();
        ipc.send(PID, "block", "");
        isBlocked.get(20, TimeUnit.SECONDS);
        return ipc;
    }

    /** Lets the handler return, and takes all that comes before the alert "end". */
    private List<String> all(Ipc ipc) throws Exception {
        mayGoOn.countDown();
        assertThat(ipc.flush(Duration.ofSeconds(20))).isTrue();
        ipc.send(PID, "end", "");
        List<String> all = new ArrayList<>();
        for (;;) {
            String next = seen.poll(20, TimeUnit.SECONDS);
            assertThat(next).as("after %s", all).isNotNull();
            if (next.equals("end")) {
                return all;
            }
            all.add(next);
        }
    }

    private static long announced(List<String> all) {
        return all.stream().filter(each -> each.startsWith("-")).mapToLong(each -> -Long.parseLong(each)).sum();
    }

    private static List<String> alerts(List<String> all) {
        return all.stream().filter(each -> !each.startsWith("-")).toList();
    }

    @Test
    void shouldDropWhatHasNoRoomUntilHalfIsFreeWhenNewestGo(TestInfo test) throws Exception {
        try (Ipc ipc = blocked(WhenFull.dropNewest(), test.getDisplayName())) {
            for (int i = 0; i < 1000; i++) {
                ipc.send(PID, "n" + i, DATA);
            }
            long dropped = ipc.statistics().dropped();
            assertThat(dropped).isBetween(500L, 900L);
            List<String> all = all(ipc);
            // One gap, at the end of what was accepted.
            List<String> expected = new ArrayList<>();
            for (int i = 0; i < 1000 - dropped; i++) {
                expected.add("n" + i);
            }
            expected.add("-" + dropped);
            assertThat(all).isEqualTo(expected);
            assertThat(ipc.statistics().refused()).isZero();
        }
    }

    @ParameterizedTest
    @MethodSource("policies")
    void shouldTakeWhatFitsAnOutboxThatIsEmpty(WhenFull policy, TestInfo test) throws Exception {
        try (Ipc ipc = blocked(policy, test.getDisplayName())) {
            // It has been read: nothing waits any more.
            assertThat(ipc.flush(Duration.ofSeconds(20))).isTrue();
            assertThat(ipc.trySend(PID, "long", new byte[200_000])).isTrue();
            assertThat(all(ipc)).isEqualTo(List.of("long"));
            assertThat(ipc.statistics().dropped()).isZero();
        }
    }

    @Test
    void shouldDropNothingElseForAnAlertThatWouldNotFitAllTheSame(TestInfo test) throws Exception {
        try (Ipc ipc = blocked(WhenFull.keepLast(), test.getDisplayName())) {
            for (int i = 0; i < 200; i++) {
                ipc.send(PID, "n" + i, DATA);
            }
            ipc.send(PID, "state", DATA);
            assertThat(ipc.statistics().dropped()).isZero();
            ipc.send(PID, "state", new byte[230_000]);
            assertThat(ipc.statistics().dropped()).isEqualTo(1);
            List<String> all = all(ipc);
            assertThat(alerts(all)).hasSize(201).endsWith("state");
            assertThat(announced(all)).isEqualTo(1);
        }
    }

    @Test
    void shouldNotInterruptAHandlerForWhatALossHandlerDid(TestInfo test) throws Exception {
        CountDownLatch mayRead = new CountDownLatch(1);
        BlockingQueue<Boolean> interrupted = new LinkedBlockingQueue<>();
        try (Ipc ipc = Ipc.builder("DroppingTest-" + PID + "-" + test.getDisplayName().hashCode()).outboxBytes(OUTBOX)
                .pipeBytes(PIPE).whenFull(WhenFull.dropNewest())
                .receiveUnknown(alert -> {})
                .receiveLoss(loss -> Thread.currentThread().interrupt())
                .receive("block", alert -> mayRead.await())
                .receive("after", alert -> interrupted.add(Thread.currentThread().isInterrupted())).join()) {
            ipc.send(PID, "block", "");
            while (ipc.statistics().dropped() == 0) {
                ipc.send(PID, "n", DATA);
            }
            mayRead.countDown();
            assertThat(ipc.flush(Duration.ofSeconds(20))).isTrue();
            ipc.send(PID, "after", "");
            assertThat(interrupted.poll(20, TimeUnit.SECONDS)).isFalse();
        }
    }

    @Test
    void shouldKeepTheNewestWhenOldestGo(TestInfo test) throws Exception {
        try (Ipc ipc = blocked(WhenFull.dropOldest(), test.getDisplayName())) {
            for (int i = 0; i < 1000; i++) {
                ipc.send(PID, "n" + i, DATA);
            }
            long dropped = ipc.statistics().dropped();
            assertThat(dropped).isBetween(500L, 900L);
            assertThat(ipc.statistics().queuedBytes()).isLessThanOrEqualTo(OUTBOX);
            List<String> all = all(ipc);
            // The oldest are on their way already; then a gap, as a rule one.
            int next = 0;
            int lost = 0;
            for (String each : all) {
                if (each.startsWith("-")) {
                    if (lost == 0) {
                        assertThat(next).as("before the first gap").isBetween(60, 200);
                    }
                    lost += Integer.parseInt(each.substring(1));
                    next += Integer.parseInt(each.substring(1));
                } else {
                    assertThat(each).isEqualTo("n" + next);
                    next++;
                }
            }
            assertThat(next).isEqualTo(1000);
            assertThat(lost).isEqualTo((int) dropped);
            assertThat(all.getLast()).isEqualTo("n999");
        }
    }

    @Test
    void shouldKeepTheLastOfEachNameWhenOlderOnesGo(TestInfo test) throws Exception {
        try (Ipc ipc = blocked(WhenFull.keepLast(), test.getDisplayName())) {
            for (int i = 0; i < 100; i++) {
                ipc.send(PID, "fill" + i, DATA);
            }
            for (int i = 0; i < 20_000; i++) {
                ipc.send(PID, "k" + i % 50 + "=", String.format("%08d", i));
            }
            assertThat(ipc.statistics().queuedBytes()).isLessThanOrEqualTo(OUTBOX);
            List<String> all = all(ipc);
            long dropped = ipc.statistics().dropped();
            assertThat(dropped).isGreaterThan(15_000);
            assertThat(announced(all)).isEqualTo(dropped);
            List<String> alerts = alerts(all);
            assertThat(alerts).hasSize((int) (20_100 - dropped));
            List<String> last = new ArrayList<>();
            for (int i = 19_950; i < 20_000; i++) {
                last.add("k" + i % 50 + "=" + String.format("%08d", i));
            }
            assertThat(alerts.subList(alerts.size() - 50, alerts.size())).isEqualTo(last);
        }
    }

    @Test
    void shouldDropTheOldestWhenThereAreTooManyNames(TestInfo test) throws Exception {
        try (Ipc ipc = blocked(WhenFull.keepLast(), test.getDisplayName())) {
            for (int i = 0; i < 1000; i++) {
                ipc.send(PID, "n" + i, DATA);
            }
            assertThat(ipc.statistics().queuedBytes()).isLessThanOrEqualTo(OUTBOX);
            List<String> all = all(ipc);
            assertThat(announced(all)).isEqualTo(ipc.statistics().dropped()).isGreaterThan(500);
            assertThat(alerts(all)).hasSize((int) (1000 - ipc.statistics().dropped())).endsWith("n998", "n999");
        }
    }

    @ParameterizedTest
    @MethodSource("policies")
    void shouldTellOfALossThoughNothingFollows(WhenFull policy, TestInfo test) throws Exception {
        try (Ipc ipc = blocked(policy, test.getDisplayName())) {
            while (ipc.statistics().dropped() < 5) {
                ipc.send(PID, "x", DATA);
            }
            long dropped = ipc.statistics().dropped();
            mayGoOn.countDown();
            long announced = 0;
            while (announced < dropped) {
                String next = seen.poll(20, TimeUnit.SECONDS);
                assertThat(next).as("%d of %d announced", announced, dropped).isNotNull();
                announced += next.startsWith("-") ? -Long.parseLong(next) : 0;
            }
            assertThat(announced).isEqualTo(dropped);
        }
    }

    @ParameterizedTest
    @MethodSource("policies")
    void shouldRefuseWhatIsTriedOrLentWhileItDrops(WhenFull policy, TestInfo test) throws Exception {
        try (Ipc ipc = blocked(policy, test.getDisplayName()); Arena arena = Arena.ofShared()) {
            while (ipc.statistics().dropped() < 5) {
                ipc.send(PID, "x", DATA);
            }
            assertThat(ipc.trySend(PID, "x", "")).isFalse();
            assertThatThrownBy(() -> ipc.lend(PID, "x", arena.allocate(10))).isInstanceOf(OutboxFullException.class);
            assertThatThrownBy(() -> ipc.send(PID, "x", new byte[OUTBOX])).isInstanceOf(DataTooLongException.class);
            assertThat(ipc.statistics().refused()).isEqualTo(2);
            assertThat(ipc.statistics().dropped()).isEqualTo(5);
            List<String> all = all(ipc);
            assertThat(announced(all)).isEqualTo(5);
            assertThat(ipc.trySend(PID, "y", "")).isTrue();
            assertThat(seen.poll(20, TimeUnit.SECONDS)).isEqualTo("y");
        }
    }

    @ParameterizedTest
    @MethodSource("policies")
    void shouldDropAndKeepAlertsOfManyPackets(WhenFull policy, TestInfo test) throws Exception {
        try (Ipc ipc = blocked(policy, test.getDisplayName())) {
            for (int i = 0; i < 50; i++) {
                // Some are longer than what usually lines up for the pipe.
                ipc.send(PID, "n" + i, new byte[i % 10 == 0 ? 150_000 : 20_000]);
                assertThat(ipc.statistics().queuedBytes()).isLessThanOrEqualTo(OUTBOX);
            }
            long dropped = ipc.statistics().dropped();
            assertThat(dropped).isPositive();
            List<String> all = all(ipc);
            assertThat(announced(all)).isEqualTo(dropped);
            List<Integer> numbers = alerts(all).stream().map(each -> Integer.parseInt(each.substring(1))).toList();
            assertThat(numbers).hasSize((int) (50 - dropped)).isSorted().doesNotHaveDuplicates();
        }
    }

    @ParameterizedTest
    @MethodSource("policies")
    void shouldBroadcastToThoseWhoHaveRoom(WhenFull policy, TestInfo test) throws Exception {
        try (Ipc ipc = blocked(policy, test.getDisplayName())) {
            while (ipc.statistics().dropped() < 5) {
                ipc.send(PID, "x", DATA);
            }
            // Only the newest one is not taken where there is no room for it.
            assertThat(ipc.broadcast("b", DATA)).isEqualTo(policy instanceof WhenFull.DropNewest ? 0 : 1);
            assertThat(all(ipc).contains("b")).isEqualTo(!(policy instanceof WhenFull.DropNewest));
        }
    }

    @ParameterizedTest
    @MethodSource("policies")
    void shouldWriteWhatWaitsWhenItLeaves(WhenFull policy, TestInfo test) throws Exception {
        String group = "DroppingTest-" + PID + "-leave";
        Ipc ipc = blocked(policy, test.getDisplayName() + group);
        for (int i = 0; i < 2000; i++) {
            ipc.send(PID, "n" + i, DATA);
        }
        long dropped = ipc.statistics().dropped();
        Thread closer = Thread.ofPlatform().start(ipc::close);
        mayGoOn.countDown();
        closer.join(Duration.ofSeconds(30));
        List<String> all = new ArrayList<>(seen);
        // To itself it reads to the end of the pipe first; what others would get is flushed after that.
        assertThat(announced(all)).isEqualTo(dropped);
        assertThat(alerts(all)).hasSize((int) (2000 - dropped));
    }

    @Test
    void shouldCountALossHandlerThatThrows(TestInfo test) throws Exception {
        try (Ipc ipc = blocked(WhenFull.dropNewest(), test.getDisplayName())) {
            ipc.receiveLoss(loss -> {
                throw new java.io.IOException("on purpose");
            });
            while (ipc.statistics().dropped() < 5) {
                ipc.send(PID, "x", DATA);
            }
            all(ipc);
            // Counted at the end of the batch.
            long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
            while (ipc.statistics().failedHandlers() == 0 && System.nanoTime() < end) {
                Thread.onSpinWait();
            }
            assertThat(ipc.statistics().failedHandlers()).isEqualTo(1);
        }
    }

    @Test
    void shouldKeepTheOrderOfSeveralSendingThreads(TestInfo test) throws Exception {
        int threads = 6;
        int each = 30_000;
        mayGoOn.countDown();
        try (Ipc ipc = blocked(WhenFull.dropOldest(), test.getDisplayName())) {
            List<Thread> senders = new ArrayList<>();
            for (int thread = 0; thread < threads; thread++) {
                String name = "t" + thread + "=";
                senders.add(Thread.ofPlatform().start(() -> {
                    for (int i = 0; i < each; i++) {
                        ipc.send(PID, name, String.format("%08d", i));
                    }
                }));
            }
            for (Thread sender : senders) {
                sender.join();
            }
            List<String> all = all(ipc);
            long dropped = ipc.statistics().dropped();
            System.out.println("dropped of " + threads * each + ": " + dropped);
            assertThat(announced(all)).isEqualTo(dropped);
            List<String> alerts = alerts(all);
            assertThat(alerts).hasSize((int) (threads * each - dropped));
            for (int thread = 0; thread < threads; thread++) {
                String name = "t" + thread + "=";
                assertThat(alerts.stream().filter(one -> one.startsWith(name)).toList()).isSorted()
                        .doesNotHaveDuplicates();
            }
        }
    }
}
