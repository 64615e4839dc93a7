package io.workerpipe.roster;

import static org.assertj.core.api.Assertions.assertThat;

import io.workerpipe.Ipc;
import io.workerpipe.Worker;
import io.workerpipe.linux.Proc;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a member holds of others, by a number that may be another process's. */
@Timeout(300)
class PidOfAnotherTest {
    private static final String GROUP = "PidOfAnotherTest-" + Proc.pid();

    @Test
    void shouldForgetAWorkerWhosePidWasAnotherProcessBeforeItWasLookedAt() throws Exception {
        try (Ipc ipc = Ipc.join(GROUP);
                Sleeper sleeper = new Sleeper();
                Roster roster = Roster.open(RosterFolder.ofUser(), GROUP)) {
            // It joined and died while this process did something else, and a process that lives on has its number.
            Owner earlier = new Owner(sleeper.pid(), sleeper.owner().startTime() - 1);
            roster.claim(earlier, false, "dead", -1).publish(sleeper.inbox(), Sleeper.INBOX_FD);
            ipc.workers();

            long end = System.nanoTime() + Duration.ofSeconds(40).toNanos();
            while (ipc.workers().size() != 1) {
                assertThat(System.nanoTime()).as("nobody else is a member: %s", ipc.workers()).isLessThan(end);
                Thread.onSpinWait();
            }
            assertThat(ipc.workers()).extracting(Worker::pid).containsExactly((long) Proc.pid());
            assertThat(roster.all()).hasSize(1);
        }
    }

    @Test
    void shouldLetGoOfAllProcessesWhenItClosesWhileAHandlerDoesNotReturn() throws Exception {
        CountDownLatch mayReturn = new CountDownLatch(1);
        CompletableFuture<Thread> handling = new CompletableFuture<>();
        try (Sleeper sleeper = new Sleeper(); Roster roster = Roster.open(RosterFolder.ofUser(), GROUP)) {
            Seat seat = sleeper.join(roster, "sleeper");
            long before = pidFds();
            Ipc ipc = Ipc.builder(GROUP).closeLimit(Duration.ofMillis(100)).receive("stuck", alert -> {
                handling.complete(Thread.currentThread());
                mayReturn.await();
            }).join();
            ipc.send(Proc.pid(), "stuck", "");
            Thread reader = handling.get();
            assertThat(pidFds()).isEqualTo(before + 1);
            ipc.close();
            mayReturn.countDown();
            assertThat(reader.join(Duration.ofSeconds(40))).isTrue();
            assertThat(pidFds()).isEqualTo(before);
            seat.close();
        }
    }

    private static long pidFds() throws IOException {
        try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
            return open.filter(PidOfAnotherTest::isPidFd).count();
        }
    }

    private static boolean isPidFd(Path descriptor) {
        try {
            // An inode of pidfs, or before Linux 6.9 an anonymous one.
            return Files.readSymbolicLink(descriptor).toString().contains("pidfd");
        } catch (IOException e) {
            // Closed in between.
            return false;
        }
    }
}
