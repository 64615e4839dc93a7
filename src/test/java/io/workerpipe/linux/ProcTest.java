package io.workerpipe.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class ProcTest {
    private static final String AFTER_NAME = " 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 424242 20 21";

    @Test
    void shouldKnowThisProcess() throws Exception {
        int pid = Proc.pid();

        assertThat(pid).isEqualTo((int) ProcessHandle.current().pid());
        assertThat(Proc.startTime(pid)).isPositive();
        assertThat(Proc.state(pid)).isIn('R', 'S');
        assertThat(Proc.uid()).isEqualTo(Files.getAttribute(Path.of("/proc/self/status"), "unix:uid"));
        assertThat(UUID.fromString(Proc.bootId())).hasToString(Proc.bootId());
        assertThat(Files.readSymbolicLink(Path.of("/proc/self/ns/pid")))
                .hasToString("pid:[" + Proc.pidNamespace() + "]");
    }

    @Test
    void shouldFindTheStartTimeWhateverTheName() throws Exception {
        for (String name : new String[]{"java", "a b", "", ")", "(", "x) S 1 2 3", "a\nb", "))))) Z"}) {
            Proc.Stat stat = Proc.parse("77 (" + name + ") S" + AFTER_NAME + "\n");

            assertThat(stat).as(name).isEqualTo(new Proc.Stat('S', 424242));
        }
    }

    @Test
    void shouldReadTheStartTimeOfAProcessWithAnUglyName() throws Exception {
        Process process = new ProcessBuilder("sh", "-c", "printf ') Z 1 (' > /proc/self/comm; echo; read x").start();
        try {
            // It has written its name when it says so.
            process.inputReader().readLine();

            assertThat(Proc.state((int) process.pid())).isIn('R', 'S');
            assertThat(Proc.startTime((int) process.pid())).isGreaterThanOrEqualTo(Proc.startTime(Proc.pid()));
        } finally {
            process.destroyForcibly().waitFor();
        }
    }

    @Test
    void shouldRefuseWhatDoesNotReadAsPromised() {
        assertThatThrownBy(() -> Proc.parse("77 (java) S 1 2")).isInstanceOf(IOException.class)
                .hasMessageContaining("77 (java) S 1 2");
        assertThatThrownBy(() -> Proc.parse("")).isInstanceOf(IOException.class);
        assertThatThrownBy(() -> Proc.effectiveUid("Name:\tjava\n")).isInstanceOf(IOException.class);
        assertThatThrownBy(() -> Proc.inode("pid")).isInstanceOf(IOException.class);
    }

    @Test
    void shouldTakeTheEffectiveUser() throws Exception {
        assertThat(Proc.effectiveUid("Name:\tjava\nUid:\t1\t2\t3\t4\nGid:\t5\t6\t7\t8\n")).isEqualTo(2);
        assertThat(Proc.effectiveUid("Uid:\t0\t4294967294\t0\t0\n")).isEqualTo(-2);
    }

    @Test
    void shouldTakeTheTimeSinceBootOfTheMachine() throws Exception {
        assertThat(Proc.bootOffset("monotonic           0         0\nboottime            0         0\n")).isZero();
        assertThat(Proc.bootOffset("monotonic 7 0\nboottime   -1000  20000000\n")).isEqualTo(-99_998);
        assertThatThrownBy(() -> Proc.bootOffset("boottime 1 5\n")).isInstanceOf(IOException.class)
                .hasMessageContaining("hundredths");
        assertThatThrownBy(() -> Proc.bootOffset("monotonic 1 0\n")).isInstanceOf(IOException.class);
    }

    @Test
    void shouldSayWhenThereIsNoSuchProcess() throws Exception {
        Process process = new ProcessBuilder("true").start();
        process.waitFor();
        int pid = (int) process.pid();

        assertThat(Proc.stat(pid)).isEmpty();
        assertThat(Proc.startTime(pid)).isEqualTo(-1);
        assertThat(Proc.state(pid)).isEqualTo((char) 0);
        assertThat(Proc.fdLink(pid, 0).answer()).isEqualTo(Proc.FdLink.Answer.NONE);
    }

    @Test
    void shouldTellAPipeFromNothing() throws Exception {
        Process process = new ProcessBuilder("sleep", "1000").start();
        try {
            Proc.FdLink stdin = Proc.fdLink((int) process.pid(), 0);

            assertThat(stdin.answer()).isEqualTo(Proc.FdLink.Answer.FOUND);
            assertThat(stdin.text()).matches("pipe:\\[\\d+]");
            long inode = Proc.inode(stdin.text());
            assertThat(stdin.isPipe(inode)).isTrue();
            assertThat(stdin.isPipe(inode + 1)).isFalse();
            assertThat(Proc.fdLink((int) process.pid(), 999).answer()).isEqualTo(Proc.FdLink.Answer.NONE);
        } finally {
            process.destroyForcibly().waitFor();
        }
    }

    @Test
    void shouldSayWhenItMayNotLook() throws Exception {
        assumeTrue(Proc.uid() != 0, "root may look at everything");
        assumeTrue(!Files.getAttribute(Path.of("/proc/1"), "unix:uid").equals(Proc.uid()), "process 1 is ours");

        assertThat(Proc.fdLink(1, 0).answer()).isEqualTo(Proc.FdLink.Answer.DENIED);
    }

    @Test
    void shouldSeeAZombie() throws Exception {
        Process parent = new ProcessBuilder("sh", "-c", "sleep 1000 & echo $!; exec sleep 1000").start();
        try (BufferedReader output = parent.inputReader()) {
            int child = Integer.parseInt(output.readLine());
            long startTime = Proc.startTime(child);
            new ProcessBuilder("kill", "-9", Integer.toString(child)).start().waitFor();
            long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
            while (Proc.state(child) != 'Z' && System.nanoTime() < end) {
                Thread.onSpinWait();
            }

            assertThat(Proc.stat(child)).contains(new Proc.Stat('Z', startTime));
            assertThat(Proc.stat(child).orElseThrow().ended()).isTrue();
        } finally {
            parent.descendants().forEach(ProcessHandle::destroyForcibly);
            parent.destroyForcibly().waitFor();
        }
    }

    @Test
    void shouldSayThatAProcessIsGoneOnlyWhereItIsKnown() throws Exception {
        Process sleep = new ProcessBuilder("sleep", "1000").start();
        try {
            int pid = (int) sleep.pid();
            ProcessId there = new ProcessId(pid, Proc.startTime(pid));
            assertThat(there.isGone()).isFalse();
            assertThat(new ProcessId(pid, there.startTime() - 1).isGone()).as("one that had its number before")
                    .isTrue();
            sleep.destroyForcibly().waitFor();
            assertThat(there.isGone()).as("/proc may only hide it").isFalse();
            assertThat(there.isAlive()).isFalse();
        } finally {
            sleep.destroyForcibly();
        }
    }
}
