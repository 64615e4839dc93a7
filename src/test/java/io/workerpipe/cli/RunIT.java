package io.workerpipe.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.workerpipe.linux.Proc;
import io.workerpipe.roster.Entry;
import io.workerpipe.roster.Roster;
import io.workerpipe.roster.RosterFolder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(600)
class RunIT {
    private static final String LAUNCHER = CommandLineRuns.LAUNCHER.toString();

    @TempDir
    private Path folder;
    private CommandLineRuns commands;

    @BeforeEach
    void prepare() throws Exception {
        commands = new CommandLineRuns(folder);
    }

    @AfterEach
    void killAll() {
        commands.close();
    }

    @Test
    void shouldStartWorkersThatKnowTheirIndexAndStopThem() throws Exception {
        Run run = joined("run", "-n", "3", "--group", "web", "--", LAUNCHER, "listen");
        List<Entry> workers = live();
        assertThat(workers).extracting(Entry::index).containsExactlyInAnyOrder(0, 1, 2);
        for (Entry worker : workers) {
            assertThat(worker.label()).isEqualTo("web-" + worker.index());
            assertThat(run.children()).extracting(ProcessHandle::pid).contains((long) worker.pid());
        }
        Run broadcast = commands.run("broadcast", "-g", "web", "hello", "all of you");
        for (Entry worker : workers) {
            run.awaitOutput("[" + worker.index() + "/" + worker.pid() + "] " + broadcast.pid() + " hello: all of you");
        }
        run.signal("TERM");
        run.awaitEnd();
        assertThat(run.exitCode()).as("%s", run).isZero();
        assertNothingLeft(run, workers);
    }

    @Test
    void shouldReplaceAWorkerThatIsKilled() throws Exception {
        Run run = joined("run", "-n", "2", "--group", "web", "--", LAUNCHER, "listen");
        Entry killed = live().stream().filter(worker -> worker.index() == 1).findFirst().orElseThrow();
        Run.signal("KILL", killed.pid());
        run.awaitError("worker 1: process " + killed.pid() + " ended with exit code 137 (SIGKILL)");
        Run.await("another one has its index", () -> live().stream()
                .anyMatch(worker -> worker.index() == 1 && worker.pid() != killed.pid()));
        run.signal("INT");
        run.awaitEnd();
        assertThat(run.exitCode()).as("%s", run).isEqualTo(130);
        assertNothingLeft(run, List.of());
    }

    @Test
    void shouldPauseLongerAndShowItsLastWordsWhenAWorkerKeepsDying() throws Exception {
        Run run = commands.start("run", "-n", "1", "--", "sh", "-c", "echo oh no >&2; printf partial; exit 3");
        run.awaitError("with exit code 3 after 0.");
        for (String pause : List.of("0.1", "0.2", "0.4", "0.8")) {
            run.awaitError("another one is started in " + pause + " s");
        }
        run.awaitError(" s; its last words:");
        run.signal("TERM");
        run.awaitEnd();
        assertThat(run.exitCode()).as("%s", run).isZero();
        assertThat(run.output()).hasSizeGreaterThanOrEqualTo(4)
                .allMatch(line -> line.matches("\\[0/\\d+] partial"));
        assertThat(run.error()).contains("workerpipe:   | oh no").anyMatch(line -> line.matches("\\[0/\\d+] oh no"));
        assertNothingLeft(run, List.of());
    }

    @Test
    void shouldReplaceOneByOneWhenHungUp() throws Exception {
        int count = 3;
        Run run = joined("run", "-n", "3", "--group", "web", "--", LAUNCHER, "listen");
        List<Entry> before = live();
        assertThat(before).hasSize(count);
        AtomicBoolean over = new AtomicBoolean();
        List<Integer> counts = new ArrayList<>();
        Thread counter = Thread.ofPlatform().start(() -> {
            while (!over.get()) {
                counts.add(live().size());
                Thread.onSpinWait();
            }
        });
        run.signal("HUP");
        run.awaitError("replaced 3 workers");
        over.set(true);
        counter.join();
        assertThat(counts).isNotEmpty().allMatch(live -> live >= count - 1 && live <= count + 1);
        List<Entry> after = live();
        assertThat(after).extracting(Entry::index).containsExactlyInAnyOrder(0, 1, 2);
        assertThat(after).extracting(Entry::pid).doesNotContainAnyElementsOf(before.stream().map(Entry::pid).toList());
        run.signal("TERM");
        run.awaitEnd();
        assertThat(run.exitCode()).as("%s", run).isZero();
        assertNothingLeft(run, after);
    }

    @Test
    void shouldKeepTheOldOnesWhenASuccessorDoesNotJoin() throws Exception {
        Path program = script("exec " + LAUNCHER + " listen");
        Run run = joined("run", "-n", "2", "--group", "web", "--join-limit", "20", "--", program.toString());
        List<Entry> before = live();
        replace(program, "echo broken >&2; exit 1");
        run.signal("HUP");
        run.awaitError("worker 0: its successor ended before it had joined; process ");
        run.awaitError("replacing given up at worker 0: 0 of 2 replaced");
        assertThat(run.error()).contains("workerpipe:   | broken");
        assertThat(pids(live())).isEqualTo(pids(before));
        run.signal("TERM");
        assertThat(run.awaitEnd().exitCode()).as("%s", run).isZero();
        assertNothingLeft(run, before);
    }

    @Test
    void shouldReplaceCommandsThatNeverJoinAfterATime() throws Exception {
        Run run = commands.start("run", "-n", "2", "--join-limit", "1", "--", "sh", "-c", "echo up; exec sleep 1000");
        run.awaitOutput("[1/");
        run.signal("HUP");
        run.awaitError(
                "has not joined group 'run-" + run.pid() + "' within 1.0 s, as little as the one before; SIGTERM to");
        run.awaitError("replaced 2 workers");
        run.signal("TERM");
        assertThat(run.awaitEnd().exitCode()).as("%s", run).isZero();
        assertNothingLeft(run, List.of());
    }

    @Test
    void shouldKnowAWorkerThatAShellHasStarted() throws Exception {
        Run run = joined("run", "-n", "1", "--group", "web", "--", "sh", "-c", LAUNCHER + " listen; exit 7");
        Entry worker = live().getFirst();
        assertThat(worker.index()).isZero();
        assertThat(run.children()).singleElement().extracting(ProcessHandle::pid).isNotEqualTo((long) worker.pid());
        // Without its shell it is nobody's: it goes too, before another one is started.
        Run.signal("KILL", run.children().getFirst().pid());
        Run.await("another one joined", () -> live().stream().anyMatch(entry -> entry.pid() != worker.pid()));
        assertThat(isAlive(worker.pid())).as("%s", run).isFalse();
        List<Entry> after = live();
        run.signal("TERM");
        run.awaitEnd();
        assertNothingLeft(run, after);
    }

    @Test
    void shouldLetWorkersLeaveWhenItIsKilled() throws Exception {
        Run run = joined("run", "-n", "2", "--group", "web", "--", LAUNCHER, "listen");
        List<Entry> workers = live();
        run.signal("KILL");
        Run.await("they ended", () -> workers.stream().noneMatch(worker -> isAlive(worker.pid())));
        assertThat(commands.run("ls").output()).containsExactly("no live workers");
    }

    @Test
    void shouldLetWorkersStayWhenItIsKilledButTheyWereToldTo() throws Exception {
        // What it prints it would print to the supervisor, and end when that is gone.
        Run run = commands.startShell("WORKERPIPE_OUTLIVE_SUPERVISOR=1 exec \"$0\" run -n 1 -g web --"
                + " sh -c 'exec \"$0\" listen > /dev/null' \"$0\"");
        run.awaitError("all have joined");
        Entry worker = live().getFirst();
        run.signal("KILL");
        run.awaitEnd();
        // It still does what it is there for, long after it would have gone.
        assertThat(commands.run("send", "-g", "web", Long.toString(worker.pid()), "hi", "x").exitCode()).isZero();
        assertThat(isAlive(worker.pid())).isTrue();
        Run.signal("TERM", worker.pid());
        Run.await("it ended", () -> !isAlive(worker.pid()));
    }

    @Test
    void shouldKillWhenSigtermIsNotEnough() throws Exception {
        Run run = commands.start("run", "-n", "1", "--stop-limit", "1", "--", "sh", "-c",
                "trap '' TERM; echo ready; while :; do sleep 1; done");
        run.awaitOutput("ready");
        run.signal("TERM");
        run.awaitEnd();
        assertThat(run.exitCode()).as("%s", run).isEqualTo(1);
        assertThat(run.error().getLast()).contains("exit code 137 (SIGKILL)").contains("having been killed");
        assertNothingLeft(run, List.of());
    }

    @Test
    void shouldKillAtOnceWhenInterruptedTwice() throws Exception {
        Run run = commands.start("run", "-n", "1", "--stop-limit", "1000", "--", "sh", "-c",
                "trap '' TERM INT; echo ready; while :; do sleep 1; done");
        run.awaitOutput("ready");
        run.signal("INT");
        run.awaitError("stopping 1 worker");
        run.signal("INT");
        run.awaitEnd();
        assertThat(run.exitCode()).as("%s", run).isEqualTo(130);
        assertNothingLeft(run, List.of());
    }

    @Test
    void shouldStopAllQuietlyWhenNobodyReadsItsOutput() throws Exception {
        Run run = commands.runShell("\"$0\" run -n 2 -- sh -c 'while :; do echo hello; sleep 0.1; done' | head -1");
        assertThat(run.output()).singleElement().asString().matches("\\[[01]/\\d+] hello");
        assertThat(run.error()).noneMatch(line -> line.contains("Broken pipe") || line.contains("Exception"));
        assertThat(commands.left()).isEmpty();

        Run unread = commands.startUnread(new byte[0], "run", "-n", "1", "--", "sh", "-c",
                "echo hello; exec sleep 1000");
        unread.awaitEnd();
        assertThat(unread.exitCode()).isEqualTo(141);
        assertNothingLeft(unread, List.of());
    }

    @Test
    void shouldSayWhatIsWrongWhenItCannotRun() throws Exception {
        Path file = Files.createFile(folder.resolve("file"));
        assertComplains(127, "there is no program 'no-such-program' on the PATH", "run", "--", "no-such-program");
        assertComplains(127, "there is no program '/no/such'", "run", "--", "/no/such", "argument");
        assertComplains(126, "Permission denied", "run", "--", file.toString());
        assertComplains(2, "no command to run; expected: workerpipe run [", "run", "-n", "2");
        assertComplains(2, "the number of workers is 0, but must be 1 to 1000", "run", "-n", "0", "--", "true");
        assertComplains(2, "must be 1 to 1000", "run", "-n", "4294967297", "--", "true");
        assertComplains(2, "'two' is no whole number", "run", "-n", "two", "--", "true");
        assertComplains(2, "--stop-limit is -1", "run", "--stop-limit", "-1", "--", "true");
        assertComplains(2, "\"../g\" cannot be the name of a group", "run", "-g", "../g", "--", "true");
        Run refused = commands.runShell("WORKERPIPE_DIR=" + file + " exec \"$0\" run -- true");
        assertThat(refused.exitCode()).as("%s", refused).isEqualTo(1);
        assertThat(refused.error()).singleElement().asString().startsWith("workerpipe: cannot join group 'run-")
                .contains(file.toString());
        assertThat(commands.left()).isEmpty();
    }

    private void assertComplains(int exitCode, String message, String... arguments) throws Exception {
        Run run = commands.run(arguments);
        assertThat(run.exitCode()).as("%s", run).isEqualTo(exitCode);
        assertThat(run.error()).as("%s", run).singleElement().asString().startsWith("workerpipe: ").contains(message);
        assertThat(run.output()).isEmpty();
    }

    private Run joined(String... arguments) throws Exception {
        Run run = commands.start(arguments);
        run.awaitError("all have joined");
        return run;
    }

    /** A file that is replaced while workers run it. */
    private Path script(String text) throws IOException {
        Path program = Files.createFile(folder.resolve("program"));
        replace(program, text);
        return program;
    }

    private static void replace(Path program, String text) throws IOException {
        Path fresh = Files.writeString(program.resolveSibling("program.new"), "#!/bin/sh\n" + text + "\n");
        assertThat(fresh.toFile().setExecutable(true)).isTrue();
        Files.move(fresh, program, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    private List<Entry> live() {
        try {
            Optional<Roster> found = Roster.look(RosterFolder.at(commands.groups()), "web");
            if (found.isEmpty()) {
                return List.of();
            }
            try (Roster roster = found.get()) {
                List<Entry> live = new ArrayList<>();
                for (Entry entry : roster.live()) {
                    if (!entry.isGone()) {
                        live.add(entry);
                    }
                }
                return live;
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Set<Integer> pids(List<Entry> entries) {
        return entries.stream().map(Entry::pid).collect(Collectors.toSet());
    }

    private static boolean isAlive(int pid) {
        try {
            // Not one that only waits for the first process of a container to look after it.
            return Proc.stat(pid).filter(stat -> !stat.ended()).isPresent();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void assertNothingLeft(Run run, List<Entry> workers) throws IOException {
        assertThat(run.isAlive()).isFalse();
        assertThat(workers).noneMatch(worker -> isAlive(worker.pid()));
        assertThat(commands.left()).isEmpty();
    }
}
