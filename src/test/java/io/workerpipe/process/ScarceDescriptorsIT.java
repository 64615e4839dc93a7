package io.workerpipe.process;

import static org.assertj.core.api.Assertions.assertThat;

import io.workerpipe.roster.Entry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** 'ulimit -n' is reached: a clear reason, nothing leaks, and all goes on once there are descriptors again. */
@Timeout(600)
class ScarceDescriptorsIT {
    private static final int MOST_NEEDED = 40;

    @RegisterExtension
    final Children children = new Children();

    @BeforeAll
    static void needPrlimit() throws Exception {
        Tools.need("prlimit", "--version");
    }

    @Test
    void shouldSayWhatIsMissingAndLeaveNothingWhereverJoiningRunsOutOfThem() throws Exception {
        ChildJvm prober = children.prober("prober");
        prober.ask("join", "ok");
        prober.ask("leave", "ok");
        Set<Integer> open = Descriptors.open(prober);
        List<String> failures = new ArrayList<>();
        int free = 0;
        for (;; free++) {
            Descriptors.leave(prober, free);
            String answer = prober.say("join").answer();
            if (answer.startsWith("ok")) {
                break;
            }
            failures.add(answer);
            Descriptors.release(prober);
            assertThat(Descriptors.open(prober)).as("open after a failure with %d free", free).isEqualTo(open);
            children.assertNothingLeft();
            assertThat(free).isLessThan(MOST_NEEDED);
        }
        System.out.println("descriptors needed to join: " + free + "; without: " + new HashSet<>(failures));
        assertThat(failures).isNotEmpty().allSatisfy(failure -> assertThat(failure)
                .startsWith("failed JoinException cannot join group 'test': ").contains("ulimit -n"));
        Descriptors.release(prober);
        prober.ask("leave", "ok");
        assertThat(Descriptors.open(prober)).isEqualTo(open);
        children.assertNothingLeft();
    }

    @Test
    void shouldTakeInJoinersButNotReachThemUntilThereIsOne() throws Exception {
        ChildJvm poor = children.joined("poor");
        poor.ask("send " + poor.pid() + " 10", "ok");
        Descriptors.leave(poor, 0);
        ChildJvm joiner = children.joined("joiner");
        Await.until("seen", ChildJvm.LIMIT, () -> poor.ask("workers", "ok").contains("" + joiner.pid()));
        joiner.ask("send " + poor.pid() + " 10", "ok");
        Await.until("received", ChildJvm.LIMIT, () -> poor.ask("received", "ok").equals("2 20"));
        for (int i = 0; i < 3; i++) {
            assertThat(poor.ask("send " + joiner.pid() + " 10", "failed"))
                    .startsWith("WorkerUnreachableException no file descriptor left to reach worker " + joiner.pid())
                    .contains("raise 'ulimit -n'");
        }
        // Whom it reached before, it reaches still.
        poor.ask("send " + poor.pid() + " 10", "ok");

        Descriptors.release(poor);
        poor.ask("send " + joiner.pid() + " 10", "ok");
        Await.until("received", ChildJvm.LIMIT, () -> joiner.ask("received", "ok").equals("1 10"));
        Await.until("watched", ChildJvm.LIMIT, () -> watches(poor, joiner));
        joiner.kill();
        Await.until("seen dead", ChildJvm.LIMIT, () -> children.roster().size() == 1);
        assertThat(poor.ask("workers", "ok")).isEqualTo("" + poor.pid());
        Children.stop(poor);
        children.assertNothingLeft();
    }

    @Test
    void shouldSeeADeathLaterWhenItCannotLookAtTheTime() throws Exception {
        ChildJvm poor = children.joined("poor");
        ChildJvm joiner = children.joined("joiner");
        Await.until("watched", ChildJvm.LIMIT, () -> watches(poor, joiner));
        poor.ask("send " + poor.pid() + " 10", "ok");
        Descriptors.leaveNone(poor);
        joiner.kill();
        Await.until("let go", ChildJvm.LIMIT, () -> !watches(poor, joiner));
        poor.ask("send " + poor.pid() + " 10", "ok");
        Descriptors.release(poor);
        Await.until("seen dead", ChildJvm.LIMIT, () -> children.roster().size() == 1);
        Children.stop(poor);
        children.assertNothingLeft();
    }

    private static boolean watches(ChildJvm child, ChildJvm watched) throws Exception {
        for (int fd : Descriptors.open(child)) {
            Path info = Path.of("/proc/" + child.pid() + "/fdinfo/" + fd);
            try {
                if (Files.readString(info).contains("Pid:\t" + watched.pid() + "\n")) {
                    return true;
                }
            } catch (IOException e) {
                // As a rule closed since it was listed.
                if (Files.exists(info)) {
                    throw e;
                }
            }
        }
        return false;
    }

    @Test
    void shouldReadAllAndLeaveWithoutOne() throws Exception {
        ChildJvm poor = children.joined("poor");
        ChildJvm sender = children.joined("sender");
        Await.until("seen", ChildJvm.LIMIT, () -> poor.ask("workers", "ok").contains("" + sender.pid()));
        Descriptors.leave(poor, 0);
        poor.stop();
        for (int i = 0; i < 10; i++) {
            sender.ask("send " + poor.pid() + " 100000", "ok");
        }
        poor.say("leave");
        poor.resume();
        poor.hear("ok");
        assertThat(poor.ask("received", "ok")).isEqualTo("10 1000000");
        assertThat(children.roster()).extracting(Entry::pid).containsExactly((int) sender.pid());
        Descriptors.release(poor);
        poor.ask("join", "ok");
        Children.stop(poor, sender);
        children.assertNothingLeft();
    }
}
