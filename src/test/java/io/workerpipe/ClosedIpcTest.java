package io.workerpipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.workerpipe.roster.Roster;
import io.workerpipe.roster.RosterFolder;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.Timeout;

/** Closing: once, twice, against whoever sends or joins, and all that is done after it. */
@Timeout(300)
class ClosedIpcTest {
    private static final long PID = ProcessHandle.current().pid();
    private static final Duration LONG = Duration.ofSeconds(60);

    private String group;

    @BeforeEach
    void nameGroup(TestInfo test) {
        group = "ClosedIpcTest-" + PID + "-" + Integer.toHexString(test.getDisplayName().hashCode());
    }

    @Test
    void shouldAnswerEveryCallAsDocumentedAfterClosing() throws Exception {
        CompletableFuture<Alert> kept = new CompletableFuture<>();
        CompletableFuture<Alert> current = new CompletableFuture<>();
        Ipc ipc = Ipc.builder(group).label("me").receive("n", alert -> {
            current.complete(alert);
            kept.complete(alert.copy());
        }).join();
        ipc.send(PID, "n", "data");
        Alert copy = kept.get(60, TimeUnit.SECONDS);
        Worker self = ipc.self();
        ipc.close();

        MemorySegment segment = Arena.global().allocate(10);
        byte[] bytes = new byte[10];
        Map<String, List<ThrowingCallable>> closed = new HashMap<>();
        closed.put("send", List.of(() -> ipc.send(PID, "n", ""), () -> ipc.send(PID, "n", bytes),
                () -> ipc.send(PID, "n", segment), () -> ipc.send(self, "n", ""), () -> ipc.send(self, "n", bytes),
                () -> ipc.send(self, "n", segment)));
        closed.put("trySend", List.of(() -> ipc.trySend(PID, "n", ""), () -> ipc.trySend(PID, "n", bytes),
                () -> ipc.trySend(PID, "n", segment)));
        closed.put("broadcast", List.of(() -> ipc.broadcast("n", ""), () -> ipc.broadcast("n", bytes),
                () -> ipc.broadcast("n", segment)));
        closed.put("broadcastToOthers", List.of(() -> ipc.broadcastToOthers("n", ""),
                () -> ipc.broadcastToOthers("n", bytes), () -> ipc.broadcastToOthers("n", segment)));
        closed.put("lend", List.of(() -> ipc.lend(PID, "n", segment)));
        closed.put("flush", List.of(() -> ipc.flush(LONG)));
        closed.put("workers", List.of(ipc::workers));
        closed.put("worker", List.of(() -> ipc.worker(PID)));
        closed.put("Alert.reply",
                List.of(() -> copy.reply("n", ""), () -> copy.reply("n", bytes), () -> copy.reply("n", segment)));
        closed.forEach((method, calls) -> calls.forEach(call -> assertThatThrownBy(call).as(method)
                .isInstanceOf(IpcClosedException.class).hasMessageContaining("has left group '" + group)));

        assertThatThrownBy(() -> ipc.reply("n", "")).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> ipc.reply("n", bytes)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> ipc.reply("n", segment)).isInstanceOf(IllegalStateException.class);
        assertThat(ipc.sender()).isEmpty();
        assertThat(ipc.awaitWorkers(1, LONG)).isFalse();
        assertThat(ipc.statistics()).isEqualTo(new Statistics(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0));
        assertThat(ipc.self()).isEqualTo(self);
        assertThat(ipc.group()).isEqualTo(group);
        assertThat(ipc).hasToString("worker " + self + " of group '" + group + "'");
        ipc.receive("n", alert -> {});
        ipc.receive(Map.of());
        ipc.receiveLoss(loss -> {});
        ipc.receiveUnknown(null);
        ipc.receiveLoss(null);
        ipc.awaitClose();
        ipc.close();
        Set<String> silent = Set.of("reply", "sender", "awaitWorkers", "statistics", "self", "group", "toString",
                "receive", "receiveUnknown", "receiveLoss", "awaitClose", "close");
        Set<String> all = Arrays.stream(Ipc.class.getDeclaredMethods())
                .filter(method -> Modifier.isPublic(method.getModifiers()) && !Modifier.isStatic(method.getModifiers()))
                .map(Method::getName).collect(Collectors.toSet());
        all.removeAll(closed.keySet());
        assertThat(all).as("all methods are tried").isEqualTo(silent);

        assertThat(copy.text()).isEqualTo("data");
        assertThat(copy.sender().pid()).isEqualTo(PID);
        assertThatThrownBy(() -> current.join().data()).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void shouldHandleAllThatWasAcceptedWhenThreadsSendWhileItCloses() throws Exception {
        int threads = 4;
        for (int round = 0; round < 25; round++) {
            AtomicLong handled = new AtomicLong();
            Ipc ipc = Ipc.builder(group).closeLimit(LONG).whenFull(WhenFull.waitAtMost(LONG)).outboxBytes(1 << 20)
                    .receive("n", alert -> handled.addAndGet(alert.length())).join();
            CountDownLatch busy = new CountDownLatch(threads);
            try (ExecutorService senders = Executors.newThreadPerTaskExecutor(
                    Thread.ofVirtual().factory())) {
                List<Future<Long>> sums = new ArrayList<>();
                for (int t = 0; t < threads; t++) {
                    int length = new int[]{1, 100, 5_000, 200_000}[t];
                    sums.add(senders.submit(() -> sendUntilClosed(ipc, length, busy)));
                }
                busy.await();
                ipc.close();
                long accepted = 0;
                for (Future<Long> sum : sums) {
                    accepted += sum.get(60, TimeUnit.SECONDS);
                }
                assertThat(handled.get()).as("round %d", round).isEqualTo(accepted);
            }
        }
        assertNothingLeft();
    }

    private static long sendUntilClosed(Ipc ipc, int length, CountDownLatch busy) {
        byte[] data = new byte[length];
        for (long sent = 0;; sent += length) {
            try {
                ipc.send(PID, "n", data);
            } catch (IpcClosedException e) {
                return sent;
            }
            if (sent == 0) {
                busy.countDown();
            }
        }
    }

    @Test
    void shouldLetOneAtATimeInWhenThreadsJoinAndCloseAgainstEachOther() throws Exception {
        int threads = 4;
        AtomicLong joined = new AtomicLong();
        AtomicLong members = new AtomicLong();
        AtomicLong handled = new AtomicLong();
        try (ExecutorService all = Executors.newFixedThreadPool(threads)) {
            List<Future<?>> ends = new ArrayList<>();
            for (int t = 0; t < threads; t++) {
                ends.add(all.submit(() -> {
                    while (joined.get() < 100) {
                        Ipc ipc;
                        try {
                            ipc = Ipc.builder(group).closeLimit(LONG).receive("n", alert -> handled.incrementAndGet())
                                    .join();
                        } catch (JoinException e) {
                            assertThat(e).hasMessageContaining("is a member of group");
                            continue;
                        }
                        assertThat(members.incrementAndGet()).isEqualTo(1);
                        joined.incrementAndGet();
                        assertThat(ipc.broadcast("n", "")).isEqualTo(1);
                        members.decrementAndGet();
                        ipc.close();
                    }
                }));
            }
            for (Future<?> end : ends) {
                end.get(100, TimeUnit.SECONDS);
            }
        }
        assertThat(handled.get()).isEqualTo(joined.get());
        assertNothingLeft();
    }

    @Test
    void shouldCloseOnceWhenManyCloseAtTheSameTime() throws Exception {
        Ipc ipc = Ipc.builder(group).receive("close", alert -> alert.reply("closed", "")).join();
        ipc.receive("close", alert -> ipc.close());
        ipc.send(PID, "close", "");
        try (ExecutorService closers = Executors.newFixedThreadPool(4)) {
            for (int i = 0; i < 4; i++) {
                closers.execute(ipc::close);
            }
        }
        // Each of them has waited for the end.
        assertNothingLeft();
    }

    /** Neither a thread nor a file of this group. */
    private void assertNothingLeft() throws Exception {
        // The thread that closed for a handler may be in its last line.
        for (Thread thread : Thread.getAllStackTraces().keySet()) {
            if (thread.getName().startsWith("workerpipe-" + group)) {
                assertThat(thread.join(LONG)).as("%s ends", thread).isTrue();
            }
        }
        assertThat(Roster.look(RosterFolder.ofUser(), group)).isEmpty();
    }
}
