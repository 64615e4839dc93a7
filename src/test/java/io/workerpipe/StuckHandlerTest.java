package io.workerpipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.Timeout;

/** Handlers and stages that do not return, or wait for what only their own thread can bring about. */
@Timeout(300)
class StuckHandlerTest {
    private static final long PID = ProcessHandle.current().pid();
    private static final Duration SHORT = Duration.ofMillis(200);

    private String group;

    @BeforeEach
    void nameGroup(TestInfo test) {
        group = "StuckHandlerTest-" + PID + "-" + Integer.toHexString(test.getDisplayName().hashCode());
    }

    @Test
    void shouldCloseWithinTheLimitAndGiveAllBackLaterWhenAHandlerDoesNotReturn() throws Exception {
        // All that is made once for a process.
        Ipc.join(group).close();
        long before = descriptors();
        CountDownLatch mayReturn = new CountDownLatch(1);
        CompletableFuture<Thread> handling = new CompletableFuture<>();
        CompletableFuture<Throwable> sentLater = new CompletableFuture<>();
        Ipc ipc = Ipc.builder(group).closeLimit(SHORT).receive("stuck", alert -> {
            handling.complete(Thread.currentThread());
            mayReturn.await();
            // Its alert is still its own, whatever became of the group.
            assertThat(alert.text()).isEqualTo("data");
            try {
                alert.reply("n", "");
                sentLater.complete(null);
            } catch (IpcClosedException e) {
                sentLater.complete(e);
            }
        }).join();
        ipc.send(PID, "stuck", "data");
        Thread reader = handling.get();
        ipc.send(PID, "n", new byte[1 << 20]);

        ipc.close();
        ipc.awaitClose();
        assertThat(reader.isAlive()).isTrue();
        // Nobody keeps this process out of its group.
        try (Ipc again = Ipc.join(group)) {
            assertThat(again.workers()).hasSize(1);
            assertThat(again.broadcast("n", "")).isEqualTo(1);
        }

        mayReturn.countDown();
        assertThat(sentLater.get(40, TimeUnit.SECONDS)).isInstanceOf(IpcClosedException.class);
        assertThat(reader.join(Duration.ofSeconds(40))).isTrue();
        assertThat(descriptors()).isEqualTo(before);
    }

    @Test
    void shouldCloseWithinTheLimitWhenAStageDoesNotReturn() throws Exception {
        Ipc.join(group).close();
        long before = descriptors();
        CountDownLatch mayReturn = new CountDownLatch(1);
        CompletableFuture<Thread> completing = new CompletableFuture<>();
        CountDownLatch depends = new CountDownLatch(1);
        Ipc ipc = Ipc.builder(group).closeLimit(SHORT).receive("gate", alert -> depends.await()).join();
        // Not completed before the stage depends on it: the inbox is smaller, and nobody reads.
        ipc.send(PID, "gate", "");
        ipc.lend(PID, "n", Arena.global().allocate(10 << 20)).thenRun(() -> {
            completing.complete(Thread.currentThread());
            try {
                mayReturn.await();
            } catch (InterruptedException e) {
                throw new CompletionException(e);
            }
        });
        depends.countDown();
        Thread writer = completing.get(40, TimeUnit.SECONDS);
        assertThat(writer).isNotSameAs(Thread.currentThread());

        ipc.close();
        assertThatThrownBy(() -> ipc.send(PID, "n", "")).isInstanceOf(IpcClosedException.class);
        assertThat(writer.isAlive()).isTrue();

        mayReturn.countDown();
        assertThat(writer.join(Duration.ofSeconds(40))).isTrue();
        assertThat(descriptors()).isEqualTo(before);
    }

    @Test
    void shouldRefuseToWaitForALentAlertWhereOnlyThisThreadCouldWriteOrReadIt() throws Exception {
        CompletableFuture<Throwable> inHandler = new CompletableFuture<>();
        CompletableFuture<Throwable> inStage = new CompletableFuture<>();
        MemorySegment data = Arena.global().allocate(10 << 20);
        CountDownLatch depends = new CountDownLatch(1);
        try (Ipc ipc = Ipc.builder(group).closeLimit(SHORT).receive("gate", alert -> depends.await()).join()) {
            ipc.receive("wait", alert -> inHandler
                    .complete(catching(() -> ipc.lend(PID, "n", data).thenRun(() -> {}).toCompletableFuture().join())));
            ipc.send(PID, "wait", "");
            assertThat(inHandler.get(40, TimeUnit.SECONDS)).isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("in a handler would wait for itself");

            ipc.send(PID, "gate", "");
            ipc.lend(PID, "n", data).thenRun(() -> inStage
                    .complete(catching(() -> ipc.lend(PID, "n", data).toCompletableFuture().get())));
            depends.countDown();
            assertThat(inStage.get(40, TimeUnit.SECONDS)).isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("in a stage of a lent alert would wait for itself");

            // Anywhere else it can be waited for.
            ipc.lend(PID, "n", data).toCompletableFuture().get(40, TimeUnit.SECONDS);
        }
    }

    @Test
    void shouldEndByItsLimitWhatAnotherThreadWaitsForOnBehalfOfAHandler() throws Exception {
        CompletableFuture<Boolean> flushed = new CompletableFuture<>();
        try (Ipc ipc = Ipc.builder(group).join()) {
            ipc.receive("wait", alert -> {
                ipc.send(PID, "n", new byte[1 << 20]);
                // Only this handler's own thread can make room, and it waits here.
                flushed.complete(CompletableFuture.supplyAsync(() -> flush(ipc)).get());
            });
            ipc.send(PID, "wait", "");
            assertThat(flushed.get(40, TimeUnit.SECONDS)).isFalse();
            assertThat(ipc.flush(Duration.ofSeconds(40))).isTrue();
        }
    }

    @Test
    void shouldCloseWhenAHandlerWaitsForAnotherThreadThatCloses() throws Exception {
        CountDownLatch returned = new CountDownLatch(1);
        Ipc ipc = Ipc.builder(group).closeLimit(SHORT).join();
        ipc.receive("wait", alert -> {
            Thread closer = Thread.ofPlatform().start(ipc::close);
            closer.join();
            returned.countDown();
        });
        ipc.send(PID, "wait", "");
        ipc.awaitClose();
        assertThat(returned.await(40, TimeUnit.SECONDS)).isTrue();
    }

    private static boolean flush(Ipc ipc) {
        try {
            return ipc.flush(SHORT);
        } catch (InterruptedException e) {
            throw new CompletionException(e);
        }
    }

    private interface Call {
        void run() throws Exception;
    }

    private static Throwable catching(Call call) {
        try {
            call.run();
            return null;
        } catch (Exception e) {
            return e;
        }
    }

    /** Pipes, eventfds, epolls and pidfds of this process. */
    private static long descriptors() throws IOException {
        try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
            return open.filter(Files::isSymbolicLink).filter(StuckHandlerTest::isOfAGroup).count();
        }
    }

    private static boolean isOfAGroup(Path descriptor) {
        try {
            String text = Files.readSymbolicLink(descriptor).toString();
            return text.startsWith("pipe:") || text.startsWith("anon_inode:");
        } catch (IOException e) {
            // Closed in between.
            return false;
        }
    }
}
