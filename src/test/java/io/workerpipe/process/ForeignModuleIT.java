package io.workerpipe.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A module that {@code requires io.workerpipe}, compiled against the jar and run from it, with native access for no other
 * module. Its sources are in src/test/foreign.
 */
@Timeout(600)
class ForeignModuleIT {
    private static final Path JAR = Path.of("target", "workerpipe.jar").toAbsolutePath();
    private static final Path TOOLS = Path.of(System.getProperty("java.home"), "bin");
    private static final String ALLOWED = "--enable-native-access=io.workerpipe";
    private static final String[] GREETING = {"sent to 1", "true hi, you said anyone there?", "OK"};

    @TempDir
    static Path shared;

    private static Path compiled;

    @TempDir
    Path temporary;

    @BeforeAll
    static void compile() throws Exception {
        compiled = shared.resolve("foreign");
        assertThat(JAR).as("the jar, which 'package' has made").isRegularFile();
        List<String> command = new ArrayList<>(
                List.of(TOOLS.resolve("javac").toString(), "--release", "22", "-Xlint:all",
                        "-Werror", "-p", JAR.toString(), "-d", compiled.toString()));
        try (Stream<Path> sources = Files.walk(Path.of("src/test/foreign"))) {
            sources.map(Path::toString).filter(file -> file.endsWith(".java")).forEach(command::add);
        }
        Output output = run(command, shared);
        assertThat(output.lines).isEmpty();
        assertThat(output.exitCode).isZero();
    }

    @Test
    void shouldRunFromTheModulePathWhenAllOthersAreDeniedNativeAccess() throws Exception {
        assertGreets(java(TOOLS, List.of("-p", compiled + File.pathSeparator + JAR, ALLOWED)));
    }

    @Test
    void shouldNameTheFlagWhenNativeAccessIsDenied() throws Exception {
        // Said for another module: then a JDK 22 denies it to the rest, as later ones do when told to.
        Output output = java(TOOLS,
                List.of("-p", compiled + File.pathSeparator + JAR, "--enable-native-access=foreign"));

        assertThat(output.exitCode).isEqualTo(3);
        assertThat(output.lines).singleElement().asString()
                .startsWith("io.workerpipe.JoinException: cannot join group 'foreign': ")
                .contains("start java with --enable-native-access=io.workerpipe");
        assertNothingLeft();
    }

    @Test
    void shouldRunAsAnImageWhenLinkedByJlink() throws Exception {
        Path image = temporary.resolve("image");
        Output linked = run(List.of(TOOLS.resolve("jlink").toString(), "-p", compiled + File.pathSeparator + JAR,
                "--add-modules", "foreign,io.workerpipe", "--output", image.toString()), temporary);
        assertThat(linked.exitCode).as(linked.lines::toString).isZero();

        Output modules = run(List.of(image.resolve("bin/java").toString(), "--list-modules"), temporary);
        assertThat(modules.lines).extracting(line -> line.replaceFirst("@.*", "")).containsExactlyInAnyOrder("foreign",
                "io.workerpipe", "java.base");
        assertGreets(java(image.resolve("bin"), List.of(ALLOWED)));
    }

    private void assertGreets(Output output) throws IOException {
        assertThat(output.lines).containsExactly(GREETING);
        assertThat(output.exitCode).isZero();
        assertNothingLeft();
    }

    private Output java(Path tools, List<String> flags) throws Exception {
        List<String> command = new ArrayList<>(List.of(tools.resolve("java").toString(), "-XX:+UseSerialGC"));
        command.addAll(flags);
        if (Runtime.version().feature() >= 24) {
            command.add("--illegal-native-access=deny");
        }
        command.addAll(List.of("-m", "foreign/foreign.Main"));
        return run(command, temporary);
    }

    private record Output(int exitCode, List<String> lines) {}

    private static Output run(List<String> command, Path folder) throws Exception {
        Path log = Files.createTempFile(folder, "run", ".log");
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile());
        builder.environment().putAll(Map.of("WORKERPIPE_DIR", groups(folder).toString()));
        Process process = builder.start();
        try {
            if (!process.waitFor(60, TimeUnit.SECONDS)) {
                throw new AssertionError(command + " has not ended within 60 s: " + Files.readAllLines(log));
            }
            return new Output(process.exitValue(), Files.readAllLines(log));
        } finally {
            process.destroyForcibly().waitFor();
        }
    }

    private static Path groups(Path folder) {
        return folder.resolve("groups");
    }

    private void assertNothingLeft() throws IOException {
        if (Files.exists(groups(temporary))) {
            try (Stream<Path> left = Files.list(groups(temporary))) {
                assertThat(left).isEmpty();
            }
        }
    }
}
