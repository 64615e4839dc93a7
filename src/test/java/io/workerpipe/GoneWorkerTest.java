package io.workerpipe;

import static org.assertj.core.api.Assertions.assertThat;

import io.workerpipe.roster.Roster;
import io.workerpipe.roster.RosterFolder;
import io.workerpipe.roster.Sleeper;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What was shown to be gone gets nothing more, however short the way to its outbox is in a burst. */
@Timeout(300)
class GoneWorkerTest {
    private static final String GROUP = "GoneWorkerTest-" + ProcessHandle.current().pid();
    private static final int DEATHS = 20;
    private static final int A_BURST = 200_000;

    @Test
    void shouldAcceptNothingInABurstForAWorkerThatIsSeenToBeGone() throws Exception {
        try (Ipc ipc = Ipc.builder(GROUP).whenFull(WhenFull.waitAtMost(Duration.ofSeconds(30))).join();
                Roster roster = Roster.open(RosterFolder.ofUser(), GROUP)) {
            for (int death = 0; death < DEATHS; death++) {
                assertThat(acceptedWhenSeenToBeGone(ipc, roster)).as("death %d", death).isZero();
            }
        }
    }

    private static long acceptedWhenSeenToBeGone(Ipc ipc, Roster roster) throws Exception {
        try (ExecutorService threads = Executors.newCachedThreadPool(); Sleeper sleeper = new Sleeper()) {
            sleeper.join(roster, "");
            long pid = sleeper.pid();
            InputStream pipe = new FileInputStream("/proc/" + pid + "/fd/0");
            Future<Void> read = threads.submit(() -> drain(pipe));
            Burst burst = new Burst(ipc, pid);
            Future<Long> late = threads.submit(burst);
            assertThat(burst.begun.await(20, TimeUnit.SECONDS)).isTrue();
            sleeper.kill();
            while (ipc.workers().stream().anyMatch(worker -> worker.pid() == pid)) {
                Thread.onSpinWait();
            }
            burst.seenToBeGone = true;
            read.get(20, TimeUnit.SECONDS);
            return late.get(20, TimeUnit.SECONDS);
        }
    }

    /** Holds the pipe open too, so that no write ever says that nobody reads it any more. */
    private static Void drain(InputStream pipe) throws IOException {
        byte[] buffer = new byte[1 << 16];
        try (pipe) {
            while (pipe.read(buffer) >= 0) {
            }
        }
        return null;
    }

    /** Sends until it is refused; counts what was accepted after the worker had been seen to be gone. */
    private static final class Burst implements Callable<Long> {
        private final Ipc ipc;
        private final long pid;
        private final CountDownLatch begun = new CountDownLatch(A_BURST);
        private volatile boolean seenToBeGone;

        Burst(Ipc ipc, long pid) {
            this.ipc = ipc;
            this.pid = pid;
        }

        @Override
        public Long call() {
            byte[] data = new byte[16];
            long late = 0;
            try {
                for (;;) {
                    boolean seen = seenToBeGone;
                    ipc.send(pid, "hello", data);
                    late += seen ? 1 : 0;
                    begun.countDown();
                }
            } catch (NoSuchWorkerException e) {
                return late;
            }
        }
    }
}
