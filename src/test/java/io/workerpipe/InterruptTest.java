package io.workerpipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.workerpipe.roster.Roster;
import io.workerpipe.roster.RosterFolder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.Timeout;

/** Whichever thread is interrupted: what waits ends as it says, and nothing else fails. */
@Timeout(300)
class InterruptTest {
    private static final long PID = ProcessHandle.current().pid();
    private static final Duration LONG = Duration.ofSeconds(40);

    private String group;

    @BeforeEach
    void nameGroup(TestInfo test) {
        group = "InterruptTest-" + PID + "-" + Integer.toHexString(test.getDisplayName().hashCode());
    }

    @AfterEach
    void shouldLeaveNoInterruptBehind() {
        assertThat(Thread.interrupted()).isFalse();
    }

    @Test
    void shouldJoinANewGroupAndLeaveWhenInterruptedBefore() {
        Thread.currentThread().interrupt();
        Ipc ipc = Ipc.join(group);
        assertThat(Thread.currentThread().isInterrupted()).as("kept while joining").isTrue();
        ipc.close();
        assertThat(Thread.interrupted()).as("kept while leaving").isTrue();
    }

    @Test
    void shouldJoinAGroupThatIsThereWhenInterruptedBefore() throws Exception {
        try (Roster roster = Roster.open(RosterFolder.ofUser(), group)) {
            Thread.currentThread().interrupt();
            Ipc ipc = Ipc.join(group);
            assertThat(roster.live()).hasSize(1);
            ipc.close();
            assertThat(Thread.interrupted()).isTrue();
        }
    }

    @Test
    void shouldJoinAndLeaveWhenInterruptedAllTheTime() throws Exception {
        CountDownLatch started = new CountDownLatch(1);
        FutureTask<Integer> joining = new FutureTask<>(() -> {
            started.countDown();
            int joined = 0;
            for (; joined < 40; joined++) {
                Ipc.join(group).close();
            }
            return joined;
        });
        Thread thread = Thread.ofPlatform().start(joining);
        started.await();
        while (thread.isAlive()) {
            thread.interrupt();
            Thread.onSpinWait();
        }
        assertThat(joining.get()).isEqualTo(40);
    }

    @Test
    void shouldRefuseAndCountWhenASendThatWaitsIsInterrupted() throws Exception {
        CountDownLatch blocked = new CountDownLatch(1);
        CountDownLatch mayRead = new CountDownLatch(1);
        try (Ipc ipc = Ipc.builder(group).pipeBytes(4096).outboxBytes(256 << 10).whenFull(WhenFull.waitAtMost(LONG))
                .receive("block", alert -> {
                    blocked.countDown();
                    mayRead.await();
                }).join()) {
            ipc.send(PID, "block", "");
            blocked.await();
            while (ipc.trySend(PID, "n", new byte[1000])) {
                continue;
            }
            long before = ipc.statistics().refused();

            Interrupted<?> sender = interruptWhileWaiting(() -> {
                ipc.send(PID, "n", new byte[1000]);
                return null;
            });

            assertThat(sender.thrown()).isInstanceOf(OutboxFullException.class);
            assertThat(sender.kept()).isTrue();
            assertThat(ipc.statistics().refused()).isEqualTo(before + 1);
            mayRead.countDown();
            assertThat(ipc.flush(LONG)).isTrue();
        }
    }

    @Test
    void shouldEndWaitsWithInterruptedException() throws Exception {
        CountDownLatch blocked = new CountDownLatch(1);
        CountDownLatch mayRead = new CountDownLatch(1);
        try (Ipc ipc = Ipc.builder(group).pipeBytes(4096).receive("block", alert -> {
            blocked.countDown();
            mayRead.await();
        }).join()) {
            ipc.send(PID, "block", "");
            blocked.await();
            ipc.send(PID, "n", new byte[100_000]);
            List<Callable<?>> waits = List.of(() -> ipc.flush(LONG), () -> ipc.awaitWorkers(2, LONG), () -> {
                ipc.awaitClose();
                return null;
            });
            for (Callable<?> wait : waits) {
                Interrupted<?> waiter = interruptWhileWaiting(wait);
                assertThat(waiter.thrown()).isInstanceOf(InterruptedException.class);
                assertThat(waiter.kept()).isFalse();
            }
            mayRead.countDown();
            assertThat(ipc.flush(LONG)).isTrue();
        }
    }

    @Test
    void shouldCloseToTheEndWhenInterrupted() throws Exception {
        CountDownLatch blocked = new CountDownLatch(1);
        CountDownLatch mayRead = new CountDownLatch(1);
        BlockingQueue<String> seen = new ArrayBlockingQueue<>(10);
        Ipc ipc = Ipc.builder(group).closeLimit(LONG).receive("block", alert -> {
            blocked.countDown();
            mayRead.await();
        }).receive("n", alert -> seen.add(alert.text())).join();
        ipc.send(PID, "block", "");
        blocked.await();
        ipc.send(PID, "n", "sent before closing");

        FutureTask<Boolean> closing = new FutureTask<>(() -> {
            ipc.close();
            return Thread.currentThread().isInterrupted();
        });
        Thread thread = Thread.ofPlatform().start(closing);
        awaitWaiting(thread);
        thread.interrupt();
        mayRead.countDown();

        assertThat(closing.get(LONG.toSeconds(), TimeUnit.SECONDS)).as("kept").isTrue();
        assertThat(seen).containsExactly("sent before closing");
    }

    @Test
    void shouldNotInterruptAHandlerForWhatAnotherDid() throws Exception {
        BlockingQueue<Boolean> seen = new ArrayBlockingQueue<>(10);
        try (Ipc ipc = Ipc.builder(group).receive("interrupts", alert -> Thread.currentThread().interrupt())
                .receive("n", alert -> seen.add(Thread.currentThread().isInterrupted())).join()) {
            for (int i = 0; i < 3; i++) {
                ipc.send(PID, "interrupts", "");
                ipc.send(PID, "n", "");
                assertThat(seen.poll(40, TimeUnit.SECONDS)).isFalse();
            }
        }
    }

    @Test
    void shouldInterruptAHandlerThatWaits() throws Exception {
        CompletableFuture<Thread> handling = new CompletableFuture<>();
        CompletableFuture<String> seen = new CompletableFuture<>();
        CountDownLatch never = new CountDownLatch(1);
        try (Ipc ipc = Ipc.builder(group).receive("wait", alert -> {
            handling.complete(Thread.currentThread());
            never.await();
        }).receive("n", alert -> seen.complete(alert.text())).join()) {
            ipc.send(PID, "wait", "");
            Thread reader = handling.get();
            awaitWaiting(reader);
            reader.interrupt();
            ipc.send(PID, "n", "the next");
            assertThat(seen.get(40, TimeUnit.SECONDS)).isEqualTo("the next");
            assertThat(ipc.statistics().failedHandlers()).isEqualTo(1);
            assertThatThrownBy(() -> ipc.reply("n", "")).isInstanceOf(IllegalStateException.class);
        }
    }

    /** @param kept whether the thread was still interrupted when the call had ended */
    private record Interrupted<T>(T result, Throwable thrown, boolean kept) {}

    private static <T> Interrupted<T> interruptWhileWaiting(Callable<T> call) throws Exception {
        List<T> results = new ArrayList<>();
        FutureTask<Interrupted<T>> task = new FutureTask<>(() -> {
            Throwable thrown = catching(() -> results.add(call.call()));
            return new Interrupted<>(results.isEmpty() ? null : results.getFirst(), thrown,
                    Thread.currentThread().isInterrupted());
        });
        Thread thread = Thread.ofPlatform().start(task);
        awaitWaiting(thread);
        thread.interrupt();
        return task.get(LONG.toSeconds() / 2, TimeUnit.SECONDS);
    }

    private static Throwable catching(ThrowingCallable call) {
        try {
            call.call();
            return null;
        } catch (Throwable e) {
            return e;
        }
    }

    private static void awaitWaiting(Thread thread) {
        long end = System.nanoTime() + LONG.toNanos();
        while (thread.getState() != Thread.State.WAITING && thread.getState() != Thread.State.TIMED_WAITING) {
            assertThat(System.nanoTime()).as("%s waits", thread).isLessThan(end);
            Thread.onSpinWait();
        }
    }
}
