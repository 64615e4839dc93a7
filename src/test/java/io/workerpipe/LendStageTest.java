package io.workerpipe;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A stage of a lent alert runs on the writer thread: what it sends must not need that thread. */
@Timeout(300)
class LendStageTest {
    private static final long PID = ProcessHandle.current().pid();
    /** So many that the code gets fast, so few that the pipe holds all of them: the writer thread is not there to wait. */
    private static final int BURST = 5000;

    @Test
    void shouldWriteTheTailOfWhatAStageSentInABurstWhileItBlocks() throws Exception {
        CountDownLatch mayRead = new CountDownLatch(1);
        CountDownLatch pipeIsEmpty = new CountDownLatch(1);
        CountDownLatch came = new CountDownLatch(BURST);
        CountDownLatch mayReturn = new CountDownLatch(1);
        CompletableFuture<String> thread = new CompletableFuture<>();
        try (Ipc ipc = Ipc.builder("LendStageTest-" + PID).receive("wait", alert -> mayRead.await())
                .receive("lent", alert -> pipeIsEmpty.countDown()).receive("sent", alert -> came.countDown()).join()) {
            ipc.send(PID, "wait", "");
            // More than the pipe holds, so it is not over before the stage is there.
            ipc.lend(PID, "lent", MemorySegment.ofArray(new byte[4 << 20])).thenRun(() -> {
                thread.complete(Thread.currentThread().getName());
                try {
                    pipeIsEmpty.await();
                    for (int i = 0; i < BURST; i++) {
                        ipc.send(PID, "sent", "x");
                    }
                    mayReturn.await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            });
            mayRead.countDown();
            assertThat(thread.get(20, TimeUnit.SECONDS)).endsWith("-writer");
            boolean all = came.await(20, TimeUnit.SECONDS);
            long missing = came.getCount();
            mayReturn.countDown();
            assertThat(all).as("%d of %d alerts stayed behind while their sender blocks", missing, BURST).isTrue();
        } finally {
            mayReturn.countDown();
        }
    }
}
