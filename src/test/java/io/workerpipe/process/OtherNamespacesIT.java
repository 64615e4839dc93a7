package io.workerpipe.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.workerpipe.linux.Proc;
import io.workerpipe.linux.ProcessId;
import io.workerpipe.process.Checker.Balance;
import io.workerpipe.roster.Sleeper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Numbers and clocks that only a namespace of the test's own can change. */
@Timeout(600)
class OtherNamespacesIT {
    private static final String UNSHARE = "/usr/bin/unshare";

    @RegisterExtension
    final Children children = new Children();

    /** Starts what follows in namespaces of its own; skipped where that is not possible, but not in CI. */
    private void startedInOwn(String... namespaces) throws Exception {
        List<String> command = new ArrayList<>(List.of(UNSHARE, "--fork", "--kill-child"));
        command.addAll(List.of(namespaces));
        List<String> trial = new ArrayList<>(command);
        trial.add("true");
        boolean possible = Files.isExecutable(Path.of(UNSHARE))
                && new ProcessBuilder(trial).redirectErrorStream(true).start().waitFor() == 0;
        String reason = "unshare(1) or setpriv(1), of util-linux 2.36 or newer, or Linux, cannot do here: " + trial;
        if ("true".equals(System.getenv("CI"))) {
            assertThat(possible).as(reason).isTrue();
        }
        assumeTrue(possible, reason);
        children.startedBy(command.toArray(String[]::new));
    }

    @Test
    void shouldTakeNobodyForADeadWorkerWhenItsPidIsUsedAgain() throws Exception {
        if (Proc.uid() == 0) {
            startedInOwn("--pid", "--mount-proc");
        } else {
            startedInOwn("--user", "--map-root-user", "--pid", "--mount-proc");
        }
        // Its own threads could take the number that is meant for a process.
        ChildJvm scene = children.java("scene",
                List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-XX:-UseDynamicNumberOfCompilerThreads"),
                PidReuse.class, List.of(Children.GROUP, "scene"));

        scene.event("nobody is taken for the dead one");
        scene.event("a stranger gets nothing");
        scene.event("a successor gets only what is its own");
        scene.event("left");
        scene.awaitEnd();
        children.assertNothingLeft();
    }

    @Test
    void shouldNotTakeAWorkerForDeadWhenTheTimeSinceBootIsAnotherOne() throws Exception {
        assumeTrue(Proc.uid() == 0, "only root can make a time namespace without a user namespace");
        ChildJvm here = children.member("w0");
        here.hear("joined");
        startedInOwn("--time", "--boottime", "1000000", "--monotonic", "1000000");
        ChildJvm there = children.member("w1");
        there.hear("joined");
        here.ask("await 2", "there");
        there.ask("await 2", "there");

        // Both know each other, and send to each other.
        for (ChildJvm member : List.of(here, there)) {
            member.say("traffic 200 all 1 1").event("done");
            assertThat(member.ask("workers", "workers").split(",")).hasSize(2);
        }
        Children.leave(here, there);
        assertThat(Checker.check(children.books(2), Set.of())).isEqualTo(new Balance(400, 400, 0, 0, 0, 0));
        children.assertNothingLeft();
    }

    @Test
    void shouldNotTakeAWorkerForDeadThatProcHides() throws Exception {
        assumeTrue(Proc.uid() == 0, "only root can hide from somebody");
        startedInOwn("--mount", "sh", "-c", "mount -t proc -o hidepid=2 proc /proc &&"
                + " setpriv --reuid=65534 --regid=65534 --clear-groups -- sh -c '! test -e /proc/1' &&"
                + " exec setpriv --reuid=65534 --regid=65534 --clear-groups -- \"$@\"", "sh");
        try (Sleeper sleeper = new Sleeper()) {
            ProcessId hidden = new ProcessId(sleeper.pid(), Proc.startTime(sleeper.pid()));
            ChildJvm looker = children.java("looker", List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"),
                    HiddenProcess.class, List.of(hidden.toString()));
            looker.event("there");
            sleeper.kill();
            looker.event("gone");
            looker.awaitEnd();
        }
    }
}
