package io.workerpipe.loop;

import static org.assertj.core.api.Assertions.assertThat;

import io.workerpipe.dispatch.HandlerRegistry;
import io.workerpipe.roster.Entry;
import io.workerpipe.roster.RosterFolder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Who leaves has an inbox as long as the roster says that it is there: else others take it for dead. */
@Timeout(300)
class LeavingOrderTest {
    /** A reader that is told to leave, and has no sender, needs much less to close its inbox. */
    private static final Duration LONG = Duration.ofMillis(500);

    @TempDir
    Path folder;

    private static final Delivery<Object> NOBODY = new Delivery<>() {
        @Override
        public void deliver(Object handler, long first, long second, Generation generation, long nameOffset) {}

        @Override
        public boolean lost(int pid, int slot, long count) {
            return true;
        }
    };

    @Test
    void shouldKeepTheInboxUntilTheRosterSaysLeaving() throws Exception {
        Path groups = Files.createDirectory(folder.resolve("groups"),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        GroupOptions options = new GroupOptions("", -1, false, 65536, 1 << 20, 1 << 20, null, 1 << 20,
                Duration.ofSeconds(10), false, null, null, true, FastPath.FOUND_OUT);
        Group<Object> group = Group.prepare("order", options, RosterFolder.at(groups), new HandlerRegistry<>(), NOBODY);
        group.start();
        Entry live = group.self();
        assertThat(live.isGone()).isFalse();

        Thread leaver = new Thread(group::leave, "leaver");
        synchronized (group.seat) {
            leaver.start();
            // It cannot say so yet.
            Until.holds("at the seat", () -> leaver.getState() == Thread.State.BLOCKED);
            assertThat(group.reader().join(LONG)).as("the reader has ended").isFalse();
            assertThat(live.isGone()).isFalse();
        }
        leaver.join();
        assertThat(group.hasLeft()).isTrue();
    }
}
