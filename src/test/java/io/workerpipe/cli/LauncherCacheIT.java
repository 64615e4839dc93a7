package io.workerpipe.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What bin/workerpipe keeps to start faster, in a copy of its own with a name that shells take apart. */
@Timeout(600)
class LauncherCacheIT {
    private static final String LOADED = "io.workerpipe.cli.Ls source: shared objects file";

    /** To make a cache takes seconds, on a machine that does much else many. */
    private static final int LIMIT_SECONDS = 120;

    @TempDir
    private Path folder;
    private Path root;

    @BeforeEach
    void copy() throws Exception {
        root = Files.createDirectory(folder.resolve("a copy"));
        for (String part : List.of("bin/find-jdk", "bin/workerpipe", "target/workerpipe.jar")) {
            copy(Path.of(part));
        }
        try (Stream<Path> libraries = Files.list(Path.of("target", "lib"))) {
            for (Path library : libraries.toList()) {
                copy(library);
            }
        }
    }

    private void copy(Path part) throws IOException {
        Files.createDirectories(root.resolve(part).getParent());
        Files.copy(part, root.resolve(part), java.nio.file.StandardCopyOption.COPY_ATTRIBUTES);
    }

    @Test
    void shouldMakeACacheAtFirstUseAndMakeItAnewWhenTheJarIsNewer() throws Exception {
        assertThat(ls()).containsExactly("no live workers");
        Path cache = cache();
        assertThat(ls("-Xlog:class+load")).anyMatch(line -> line.contains(LOADED));
        FileTime first = Files.getLastModifiedTime(cache);
        assertThat(ls()).containsExactly("no live workers");
        assertThat(Files.getLastModifiedTime(cache)).isEqualTo(first);

        Files.setLastModifiedTime(root.resolve("target/workerpipe.jar"), FileTime.from(Instant.now()));
        assertThat(ls()).containsExactly("no live workers");
        assertThat(Files.getLastModifiedTime(cache())).isGreaterThan(first);
        assertThat(ls("-Xlog:class+load")).anyMatch(line -> line.contains(LOADED));
    }

    @Test
    void shouldDoWithoutAndSayNothingWhenTheCacheIsEmptySpoiltOrCannotBeMade() throws Exception {
        ls();
        Path cache = cache();
        for (byte[] content : List.of(new byte[0], "no cache".getBytes(), new byte[100_000])) {
            Files.delete(cache);
            Files.write(cache, content);
            assertThat(ls()).containsExactly("no live workers");
            assertThat(Files.size(cache)).as("not tried again").isEqualTo(content.length);
        }
        Files.delete(cache);
        // Nobody, root included, can put a file where a folder is.
        Files.createDirectory(cache);
        Files.setLastModifiedTime(cache, FileTime.fromMillis(0));
        assertThat(ls()).containsExactly("no live workers");
    }

    private Path cache() throws IOException {
        try (Stream<Path> files = Files.list(root.resolve("target"))) {
            List<Path> caches = files.filter(file -> file.getFileName().toString().startsWith("start-")).toList();
            assertThat(caches).hasSize(1);
            return caches.getFirst();
        }
    }

    private List<String> ls(String... options) throws Exception {
        Path output = folder.resolve("output");
        ProcessBuilder builder = new ProcessBuilder(root.resolve("bin/workerpipe").toString(), "ls")
                .redirectErrorStream(true).redirectOutput(output.toFile());
        builder.environment().put("WORKERPIPE_BUILD", "never");
        builder.environment().put("WORKERPIPE_DIR", folder.resolve("groups").toString());
        builder.environment().put("JAVA_OPTS", String.join(" ", options));
        Process process = builder.start();
        try {
            assertThat(process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)).isTrue();
        } finally {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }
        List<String> lines = Files.readAllLines(output);
        assertThat(process.exitValue()).as("%s", lines).isZero();
        return lines;
    }
}
