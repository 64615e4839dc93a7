package io.workerpipe.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(300)
class PidFdTest {
    private static final int OVER_ANY_PID_MAX = (1 << 22) + 1;

    private final CallState state = CallState.ofAuto();

    @Test
    void shouldBecomeReadableWhenTheProcessIsKilled() throws Exception {
        Process process = new ProcessBuilder("sleep", "600").start();
        try (Fd fd = PidFd.open((int) process.pid()); Epoll epoll = Epoll.create()) {
            epoll.add(fd, Epoll.IN, process.pid());
            assertThat(epoll.await(state, 0)).isZero();
            assertThat(PidFd.hasEnded(fd)).isFalse();
            process.destroyForcibly();
            assertThat(epoll.await(state, -1)).isEqualTo(1);
            assertThat(epoll.data(0)).isEqualTo(process.pid());
            assertThat(epoll.events(0) & Epoll.IN).isEqualTo(Epoll.IN);
            assertThat(PidFd.hasEnded(fd)).isTrue();
        } finally {
            process.destroyForcibly().waitFor();
        }
    }

    @Test
    void shouldBeReadableWhenTheProcessIsAZombie() throws Exception {
        // The shell becomes sleep, which never asks for its child's exit status.
        Process parent = new ProcessBuilder("sh", "-c", "sleep 0 & echo $!; exec sleep 600").start();
        try (var out = parent.inputReader(StandardCharsets.US_ASCII)) {
            int child = Integer.parseInt(out.readLine());
            Path stat = Path.of("/proc/" + child + "/stat");
            Path name = Path.of("/proc/" + parent.pid() + "/comm");
            Until.isTrue("the shell is sleep", () -> read(name).equals("sleep\n"));
            Until.isTrue("the child is a zombie", () -> read(stat).contains(") Z "));
            try (Fd fd = PidFd.open(child)) {
                assertThat(fd.poll(state, Fd.POLLIN, -1) & Fd.POLLIN).isEqualTo(Fd.POLLIN);
                assertThat(PidFd.hasEnded(fd)).isTrue();
            }
        } finally {
            parent.destroyForcibly().waitFor();
        }
    }

    @Test
    void shouldRefuseAProcessThatIsNotThere() throws Exception {
        Process process = new ProcessBuilder("true").start();
        process.waitFor();
        assertThatThrownBy(() -> PidFd.open((int) process.pid())).isInstanceOfSatisfying(ErrnoException.class,
                e -> assertThat(e.errno()).isEqualTo(Errno.ESRCH));
        assertThatThrownBy(() -> PidFd.open(OVER_ANY_PID_MAX))
                .hasMessage("pidfd_open(" + OVER_ANY_PID_MAX + "): ESRCH (3): No such process");
    }

    @Test
    void shouldRefuseWhatIsNoPid() {
        assertThatThrownBy(() -> PidFd.open(0)).hasMessage("pidfd_open(0): EINVAL (22): Invalid argument");
        assertThatThrownBy(() -> PidFd.open(-1)).hasMessageContaining("EINVAL (22)");
    }

    private static String read(Path path) {
        try {
            return Files.readString(path);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
