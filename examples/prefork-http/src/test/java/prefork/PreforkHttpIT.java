package prefork;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Started with run.sh, as a user does, and driven by an HTTP client. */
@Timeout(400)
class PreforkHttpIT {
    private static final int WORKERS = 5;
    private static final Duration LIMIT = Duration.ofSeconds(150);
    private static final Pattern SERVES = Pattern.compile("\\[\\d+/(\\d+)] worker .* serves port .*");

    @TempDir
    private Path folder;
    private final List<String> lines = new ArrayList<>();
    private Path groups;
    private Process run;
    private int port;

    @BeforeEach
    void start() throws Exception {
        groups = Files.createDirectory(folder.resolve("groups"),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        ProcessBuilder builder = new ProcessBuilder("./run.sh", Integer.toString(port), Integer.toString(WORKERS))
                .redirectErrorStream(true);
        builder.environment().put("WORKERPIPE_DIR", groups.toString());
        builder.environment().put("WORKERPIPE_BUILD", "never");
        run = builder.start();
        Thread.ofPlatform().daemon().start(this::read);
        awaitLines(SERVES, WORKERS);
    }

    @AfterEach
    void killAll() {
        List<ProcessHandle> all = new ArrayList<>(run.descendants().toList());
        all.add(run.toHandle());
        all.forEach(ProcessHandle::destroyForcibly);
    }

    @Test
    void shouldDeliverEachBroadcastToEveryWorkerBeforeAndAfterAllAreReplaced() throws Exception {
        List<String> first = pids(WORKERS);
        drive("before", first);
        signal("HUP");
        awaitLines(Pattern.compile("workerpipe: replaced " + WORKERS + " workers"), 1);
        // The last one has joined before it says that it serves.
        awaitLines(SERVES, 2 * WORKERS);
        List<String> all = pids(2 * WORKERS);
        List<String> second = all.subList(WORKERS, 2 * WORKERS);
        assertThat(second).doesNotContainAnyElementsOf(first);
        drive("after", second);

        signal("TERM");
        assertThat(run.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
        assertThat(run.exitValue()).as("%s", lines).isZero();
        try (Stream<Path> left = Files.list(groups)) {
            assertThat(left).isEmpty();
        }
    }

    private void drive(String word, List<String> workers) throws Exception {
        int broadcasts = 20;
        for (int i = 0; i < broadcasts; i++) {
            // A connection each, so that the kernel spreads them over the workers.
            HttpResponse<String> response = get("/broadcast/" + word + i);
            assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
            assertThat(response.body()).contains("sent it to " + WORKERS + " workers");
        }
        for (int i = 0; i < broadcasts; i++) {
            for (String worker : workers) {
                awaitLines(Pattern.compile("\\[\\d+/" + worker + "] sender \\d+ says " + word + i), 1);
            }
        }
        String to = workers.getFirst();
        assertThat(get("/send/" + to + "/only-" + word).statusCode()).isEqualTo(200);
        awaitLines(Pattern.compile("\\[\\d+/" + to + "] sender \\d+ says only-" + word), 1);
        awaitLines(Pattern.compile(".* " + to + " replied hello to you too. you said only-" + word), 1);
        assertThat(get("/send/1/nobody").statusCode()).isEqualTo(404);
        assertThat(get("/nothing").statusCode()).isEqualTo(404);

        // All have come, so one that came twice, or to another worker, is there too.
        assertThat(count(Pattern.compile("\\[.*] sender \\d+ says " + word + "\\d+"))).isEqualTo(broadcasts * WORKERS);
        assertThat(count(Pattern.compile(".*] sender \\d+ says only-" + word))).isEqualTo(1);
    }

    private HttpResponse<String> get(String path) throws IOException, InterruptedException {
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(
                    HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path)).timeout(LIMIT).build(),
                    HttpResponse.BodyHandlers.ofString());
        }
    }

    private void read() {
        try (BufferedReader in = run.inputReader(StandardCharsets.UTF_8)) {
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                synchronized (lines) {
                    lines.add(line);
                    lines.notifyAll();
                }
            }
        } catch (IOException e) {
            synchronized (lines) {
                lines.add(e.toString());
            }
        }
    }

    private List<String> pids(int expected) {
        synchronized (lines) {
            List<String> pids = lines.stream().map(SERVES::matcher).filter(Matcher::matches)
                    .map(matcher -> matcher.group(1)).toList();
            assertThat(pids).hasSize(expected);
            return pids;
        }
    }

    private long count(Pattern line) {
        synchronized (lines) {
            return lines.stream().filter(each -> line.matcher(each).matches()).count();
        }
    }

    private void awaitLines(Pattern line, int count) throws InterruptedException {
        long end = System.nanoTime() + LIMIT.toNanos();
        synchronized (lines) {
            while (count(line) < count) {
                assertThat(System.nanoTime() - end).as("%s times '%s' in %s", count, line, lines).isNegative();
                lines.wait(100);
            }
        }
    }

    private void signal(String name) throws Exception {
        Process kill = new ProcessBuilder("kill", "-" + name, Long.toString(run.pid())).inheritIO().start();
        assertThat(kill.waitFor()).isZero();
    }
}
