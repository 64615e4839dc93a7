package io.workerpipe.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.workerpipe.Ipc;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The longest alert there is. */
@Timeout(600)
class LargeAlertIT {
    private static final long NEEDED = 12L << 30;
    private static final long OVERHEAD = 64L << 20;
    private static final List<String> FLAGS = List.of("-XX:+UseSerialGC", "-Xmx256m");

    @RegisterExtension
    final Children children = new Children();

    @Test
    void shouldArriveIntactInItsOwnSizeOfMemoryWhenAlertIsTheLongest() throws Exception {
        long available = available();
        assumeTrue(available >= NEEDED, () -> "two processes hold 4 GiB each: that needs " + NEEDED
                + " bytes of available memory, here are " + available);
        assertThat(Ipc.MAX_DATA).isEqualTo(4_294_967_040L);
        ChildJvm receiver = children.java("receiver", FLAGS, LargeAlert.class, List.of("receive"));
        ChildJvm other = children.java("other", FLAGS, LargeAlert.class, List.of("receive"));
        ChildJvm sender = children.java("sender", FLAGS, LargeAlert.class,
                List.of("send", Long.toString(Ipc.MAX_DATA)));
        for (ChildJvm child : List.of(receiver, other, sender)) {
            child.hear("joined");
        }
        other.say("small " + receiver.pid());
        receiver.hear("small");
        long before = receiver.peakMemory();

        long start = System.nanoTime();
        sender.say("lend " + receiver.pid());
        // Others' alerts do not wait for the end of it.
        Await.until("coming", ChildJvm.LIMIT, () -> receiver.peakMemory() > before + (1L << 30));
        other.say("small " + receiver.pid());
        receiver.hear("small");
        assertThat(receiver.peakMemory()).as("peak memory while others' alerts arrive")
                .isLessThan(before + Ipc.MAX_DATA);
        sender.hear("sent");
        assertThat(receiver.hear("whole")).isEqualTo(Long.toString(Ipc.MAX_DATA));
        long millis = (System.nanoTime() - start) / 1_000_000;
        long growth = receiver.peakMemory() - before;

        System.out.printf("%d bytes in %d ms; the receiver's VmHWM grew by them and %.1f MiB%n", Ipc.MAX_DATA, millis,
                (growth - Ipc.MAX_DATA) / 1048576.0);
        assertThat(growth).isLessThanOrEqualTo(Ipc.MAX_DATA + OVERHEAD);
    }

    private static long available() throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/meminfo"))) {
            if (line.startsWith("MemAvailable:")) {
                return Long.parseLong(line.replaceAll("\\D", "")) << 10;
            }
        }
        throw new IOException("/proc/meminfo has no MemAvailable");
    }
}
