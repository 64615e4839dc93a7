package io.workerpipe.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.workerpipe.dispatch.HandlerRegistry;
import io.workerpipe.linux.Proc;
import io.workerpipe.linux.ProcessId;
import io.workerpipe.roster.RosterFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A group that cannot be joined leaves nothing behind: no descriptor, no thread, no file. */
@Timeout(300)
class FailedStartTest {
    private static final String GROUP = "failed";

    @TempDir
    Path folder;

    private static List<String> descriptors() throws IOException {
        try (Stream<Path> links = Files.list(Path.of("/proc/self/fd"))) {
            return links.map(FailedStartTest::target)
                    .filter(target -> target.startsWith("pipe") || target.startsWith("anon") || target.contains(GROUP))
                    .sorted().toList();
        }
    }

    private static String target(Path link) {
        try {
            return Files.readSymbolicLink(link).toString();
        } catch (IOException e) {
            return "";
        }
    }

    private static long threads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith("workerpipe-" + GROUP)).count();
    }

    private static final Delivery<Object> NOBODY = new Delivery<>() {
        @Override
        public void deliver(Object handler, long first, long second, Generation generation, long nameOffset) {
            throw new AssertionError("nothing was sent");
        }

        @Override
        public boolean lost(int pid, int slot, long count) {
            throw new AssertionError("nothing was sent");
        }
    };

    private void fail(Path groups, ProcessId supervisor) {
        GroupOptions options = new GroupOptions("", -1, false, 65536, 1 << 20, 1 << 20, null, 1 << 20,
                Duration.ofSeconds(1),
                false, supervisor, null, true, FastPath.FOUND_OUT);
        HandlerRegistry<Object> handlers = new HandlerRegistry<>();
        assertThatThrownBy(
                () -> Group.prepare(GROUP, options, RosterFolder.at(groups), handlers, NOBODY).start())
                .isInstanceOf(IOException.class).hasMessageContaining("is gone");
    }

    @Test
    void shouldLeaveNoDescriptorNoThreadAndNoFileWhenTheSupervisorIsGone() throws Exception {
        Path groups = Files.createDirectory(folder.resolve("groups"),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        // A process with its number is there, but it is another one.
        ProcessId supervisor = new ProcessId(Proc.pid(), 1);
        // What is loaded at the first time stays open.
        fail(groups, supervisor);
        List<String> before = descriptors();
        for (int i = 0; i < 10; i++) {
            fail(groups, supervisor);
        }
        assertThat(descriptors()).isEqualTo(before);
        Until.holds("ended all threads", () -> threads() == 0);
        try (Stream<Path> left = Files.list(groups)) {
            assertThat(left).isEmpty();
        }
    }
}
