package io.workerpipe.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.workerpipe.roster.Entry;
import io.workerpipe.roster.Roster;
import io.workerpipe.roster.RosterFolder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(600)
class DemoIT {
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
    void shouldShowFiveWorkersAnsweringAndLeaveNothingWhenScripted() throws Exception {
        Run demo = commands.startInteractive("demo");
        demo.awaitOutput("commands:");
        List<ProcessHandle> workers = demo.children();
        assertThat(workers).hasSize(5);
        demo.write("workers\nbroadcast hello hi\nquit\n".getBytes(StandardCharsets.UTF_8));
        demo.awaitEnd();

        assertThat(demo.exitCode()).as("%s", demo).isZero();
        assertThat(demo.error()).isEmpty();
        for (ProcessHandle worker : workers) {
            assertThat(demo.output())
                    .contains(worker.pid() + " got 'hello' from " + demo.pid() + " (console): anyone there?")
                    .contains(worker.pid() + " got 'hello' from " + demo.pid() + " (console): hi")
                    .anyMatch(line -> line.matches("console got 'hello-response' from " + worker.pid()
                            + " \\(demo-[0-4]\\): hi, you said hi"))
                    .anyMatch(line -> line.matches(worker.pid() + " \\(demo-[0-4]\\)"));
        }
        assertNothingLeft(demo, workers);
    }

    @Test
    void shouldSendToOneWorkerAndSayWhatIsWrongWhenACommandIs() throws Exception {
        Run demo = commands.startInteractive("demo", "--workers", "1");
        demo.awaitOutput("commands:");
        List<ProcessHandle> workers = demo.children();
        long pid = workers.getFirst().pid();
        demo.type("send " + pid + " news two  words");
        demo.awaitOutput(pid + " got 'news' from " + demo.pid() + " (console): two  words");
        demo.type("send 1 news x");
        demo.awaitOutput("has process id 1");
        demo.type("send");
        demo.awaitOutput("send needs a process id and a name");
        demo.type("dance");
        demo.awaitOutput("unknown command 'dance'; commands: workers | send");
        demo.write(new byte[0]);
        demo.awaitEnd();
        assertThat(demo.exitCode()).as("%s", demo).isZero();
        assertNothingLeft(demo, workers);
    }

    @Test
    void shouldGoOnWhenAWorkerIsKilled() throws Exception {
        Run demo = commands.startInteractive("demo", "--workers", "2");
        demo.awaitOutput("commands:");
        List<ProcessHandle> workers = demo.children();
        ProcessHandle killed = workers.getFirst();
        Run.signal("KILL", killed.pid());
        Run.await("its slot is free", () -> inRoster().noneMatch(pid -> pid == killed.pid()));
        demo.type("broadcast hello again");
        demo.awaitOutput("hi, you said again");
        demo.write("workers\nquit\n".getBytes(StandardCharsets.UTF_8));
        demo.awaitEnd();
        assertThat(demo.exitCode()).as("%s", demo).isZero();
        assertThat(demo.output()).noneMatch(line -> line.startsWith("not all answered"))
                .noneMatch(line -> line.startsWith(killed.pid() + " (demo-"));
        assertNothingLeft(demo, workers);
    }

    @Test
    void shouldLeaveNothingWhenInterrupted() throws Exception {
        Run demo = commands.startInteractive("demo", "--workers", "2");
        demo.awaitOutput("commands:");
        List<ProcessHandle> workers = demo.children();
        demo.signal("INT");
        demo.awaitEnd();
        assertThat(demo.exitCode()).isEqualTo(130);
        assertNothingLeft(demo, workers);
    }

    @Test
    void shouldLeaveNothingWhenTheConsoleIsKilled() throws Exception {
        Run demo = commands.startInteractive("demo", "--workers", "2");
        demo.awaitOutput("commands:");
        List<ProcessHandle> workers = demo.children();
        demo.signal("KILL");
        workers.forEach(worker -> worker.onExit().join());
        assertNothingLeft(demo, workers);
    }

    @Test
    void shouldEndQuietlyWhenNobodyReadsItsOutput() throws Exception {
        Run demo = commands.startUnread("workers\nquit\n".getBytes(StandardCharsets.UTF_8), "demo", "--workers", "2");
        demo.awaitEnd();
        assertThat(demo.exitCode()).isEqualTo(141);
        assertThat(demo.error()).isEmpty();
        assertNothingLeft(demo, List.of());
    }

    /** Process ids. */
    private LongStream inRoster() {
        try {
            RosterFolder folder = RosterFolder.at(commands.groups());
            try (Roster roster = Roster.look(folder, folder.groups().getFirst()).orElseThrow()) {
                return roster.all().stream().mapToLong(Entry::pid);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void assertNothingLeft(Run demo, List<ProcessHandle> workers) throws Exception {
        Run.await("the console ended", () -> !demo.isAlive());
        assertThat(workers).noneMatch(ProcessHandle::isAlive);
        assertThat(commands.left()).isEmpty();
    }
}
