package io.workerpipe.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class PollSetTest {
    /** The number of poll(2) on x86-64. */
    private static final int POLL = 7;

    private final CallState state = CallState.ofAuto();
    private final PollSet set = new PollSet();

    private void fill(Pipe pipe) {
        try (Arena arena = Arena.ofConfined()) {
            pipe.writeEnd().write(state, arena.allocate(1), 0, 1);
        }
    }

    @Test
    void shouldTellWhichHaveEvents() throws Exception {
        List<Pipe> pipes = new ArrayList<>();
        try {
            // More than it has room for at first.
            for (int i = 0; i < 20; i++) {
                pipes.add(Pipe.create());
                set.add(pipes.get(i).readEnd(), Fd.POLLIN);
            }
            assertThat(set.await(state, 0)).isZero();
            fill(pipes.get(3));
            pipes.get(17).writeEnd().close();
            assertThat(set.await(state, -1)).isEqualTo(2);
            for (int i = 0; i < 20; i++) {
                assertThat(set.events(i)).isEqualTo(i == 3 ? Fd.POLLIN : i == 17 ? Fd.POLLHUP : 0);
            }
            set.clear();
            set.add(pipes.get(3).writeEnd(), Fd.POLLOUT);
            assertThat(set.await(state, -1)).isEqualTo(1);
            assertThat(set.events(0)).isEqualTo(Fd.POLLOUT);
            assertThatThrownBy(() -> set.events(1)).isInstanceOf(IndexOutOfBoundsException.class);
        } finally {
            pipes.forEach(Pipe::close);
        }
    }

    @Test
    void shouldNotWaitWithOneThatIsClosed() throws Exception {
        try (Pipe silent = Pipe.create(); Pipe closed = Pipe.create()) {
            set.add(silent.readEnd(), Fd.POLLIN);
            set.add(closed.readEnd(), Fd.POLLIN);
            closed.readEnd().close();
            assertThat(set.await(state, -1)).isEqualTo(1);
            assertThat(set.events(0)).isZero();
            assertThat(set.events(1)).isEqualTo(Fd.POLLERR);
        }
    }

    /** Its number could be another file's before it has seen what it waits for. */
    @Test
    void shouldKeepOpenWhatIsClosedWhileItWaits() throws Exception {
        try (Pipe pipe = Pipe.create(); Pipe other = Pipe.create()) {
            set.add(pipe.readEnd(), Fd.POLLIN);
            set.add(other.readEnd(), Fd.POLLIN);
            CompletableFuture<Integer> task = new CompletableFuture<>();
            Thread waiting = Thread.ofPlatform().daemon().start(() -> {
                task.complete(Until.ownTask());
                set.await(state, -1);
            });
            Until.sleepsIn(POLL, task.get());
            Path descriptor = Path.of("/proc/self/fd", Integer.toString(pipe.readEnd().number()));
            Path open = Files.readSymbolicLink(descriptor);
            pipe.readEnd().close();
            assertThat(Files.readSymbolicLink(descriptor)).isEqualTo(open);
            fill(other);
            waiting.join();
            try {
                assertThat(Files.readSymbolicLink(descriptor)).isNotEqualTo(open);
            } catch (NoSuchFileException e) {
                // Nobody else has got the number.
            }
        }
    }
}
