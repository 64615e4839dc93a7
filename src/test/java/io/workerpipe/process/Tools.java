package io.workerpipe.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.workerpipe.linux.Proc;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Programs of util-linux that tests need. Where one is missing, or may not do its work, a test is skipped; not in CI. */
final class Tools {
    private Tools() {}

    /** Runs a program that must succeed. */
    static String run(String... command) throws Exception {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).as("%s: %s", List.of(command), output).isZero();
        return output;
    }

    static void need(boolean there, String reason) {
        if ("true".equals(System.getenv("CI"))) {
            assertThat(there).as(reason).isTrue();
        }
        assumeTrue(there, reason);
    }

    static void needRoot() throws Exception {
        need(Proc.uid() == 0, "only root can become another user, or mount");
    }

    /** Whether this works here. */
    static void need(String... command) throws Exception {
        boolean works;
        try {
            works = new ProcessBuilder(command).redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start().waitFor() == 0;
        } catch (java.io.IOException e) {
            works = false;
        }
        need(works, String.join(" ", command) + " does not work here");
    }
}
