package io.workerpipe.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A crash of any JVM that a test starts is found, whatever else the test looks at. */
@Timeout(600)
class CrashIT {
    @RegisterExtension
    final Children children = new Children();

    @Test
    void shouldFindTheCrashOfAJvm() throws Exception {
        ChildJvm crashing = children.java("crashing", List.of("-XX:-CreateCoredumpOnCrash"), CrashIT.class, List.of());

        assertThat(crashing.exitCode()).isNotZero();
        List<Path> crashes = children.crashes();
        assertThat(crashes).hasSize(1);
        assertThat(Files.readString(crashes.getFirst())).contains("SIGSEGV");
        // Else this test fails.
        Files.delete(crashes.getFirst());
    }

    public static void main(String[] args) {
        System.out.println(MemorySegment.NULL.reinterpret(8).get(ValueLayout.JAVA_LONG, 0));
    }
}
