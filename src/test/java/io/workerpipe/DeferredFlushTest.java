package io.workerpipe;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What handlers send is flushed at the end of their batch, but no handler can hold it up. */
@Timeout(300)
class DeferredFlushTest {
    private static final long PID = ProcessHandle.current().pid();

    @Test
    void shouldWriteWhatAHandlerSentWhileItStillRuns() throws Exception {
        CountDownLatch mayReturn = new CountDownLatch(1);
        CompletableFuture<Void> blocked = new CompletableFuture<>();
        try (Ipc ipc = Ipc.join("DeferredFlushTest-" + PID)) {
            ipc.receive("send-and-block", alert -> {
                ipc.send(PID, "sent", "x");
                blocked.complete(null);
                mayReturn.await();
            });
            ipc.receive("sent", alert -> {});
            ipc.send(PID, "send-and-block", "");
            blocked.get(20, TimeUnit.SECONDS);
            long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
            // Two alerts in the pipe: the one being handled, and what its handler sent.
            while (ipc.statistics().alertsOut() < 2) {
                assertThat(System.nanoTime()).as("written within 20 s, though the handler runs").isLessThan(end);
                Thread.onSpinWait();
            }
            mayReturn.countDown();
        }
    }

    @Test
    void shouldWriteAllThatHandlersSendInOneBatch() throws Exception {
        int alerts = 50_000;
        CountDownLatch answers = new CountDownLatch(alerts);
        try (Ipc ipc = Ipc.builder("DeferredFlushTest-" + PID).receive("ask", alert -> alert.reply("answer", "x"))
                .receive("answer", alert -> answers.countDown())
                .whenFull(WhenFull.waitAtMost(java.time.Duration.ofSeconds(20))).join()) {
            for (int i = 0; i < alerts; i++) {
                ipc.send(PID, "ask", "x");
            }
            assertThat(answers.await(20, TimeUnit.SECONDS)).as("%d answers missing", answers.getCount()).isTrue();
        }
    }
}
