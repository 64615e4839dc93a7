package io.workerpipe;

import static org.assertj.core.api.Assertions.assertThat;

import io.workerpipe.roster.RosterFolder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A roster cut under the feet of a live group. */
@Timeout(60)
class DamagedRosterTest {
    private static final long PID = ProcessHandle.current().pid();

    @Test
    void shouldGoOnWithThoseItKnowsWhenTheRosterIsCut() throws Exception {
        String group = "DamagedRosterTest-" + PID;
        Path folder = RosterFolder.ofUser().path().resolve(group);
        LinkedBlockingQueue<String> seen = new LinkedBlockingQueue<>();
        try (Ipc ipc = Ipc.builder(group).receive("n", alert -> seen.add(alert.text())).join()) {
            ipc.send(PID, "n", "before");
            assertThat(seen.poll(20, TimeUnit.SECONDS)).isEqualTo("before");
            try (FileChannel roster = FileChannel.open(folder.resolve("roster"), StandardOpenOption.WRITE)) {
                roster.truncate(0);
            }
            for (int i = 0; i < 1000; i++) {
                ipc.send(PID, "n", "after " + i);
            }
            for (int i = 0; i < 1000; i++) {
                assertThat(seen.poll(20, TimeUnit.SECONDS)).isEqualTo("after " + i);
            }
        } finally {
            Files.deleteIfExists(folder.resolve("roster"));
            Files.deleteIfExists(folder.resolve("lock"));
            Files.deleteIfExists(folder);
        }
    }
}
