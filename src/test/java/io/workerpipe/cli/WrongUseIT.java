package io.workerpipe.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Whatever is wrong: one line on standard error, nothing on standard output, an exit code that says whose fault. */
@Timeout(600)
class WrongUseIT {
    private static final int FAILED = 1;
    private static final int MISUSED = 2;

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
    void shouldSayWhatWasExpectedWhenArgumentsAreWrong() throws Exception {
        String tooLong = "n".repeat(255);
        Map<Run, String> runs = new LinkedHashMap<>();
        expect(runs, "no command given; expected: workerpipe demo | workerpipe run | workerpipe listen");
        expect(runs, "unknown command 'lisn'; expected: workerpipe demo |", "lisn");
        expect(runs, "unknown option '--bogus'; expected: workerpipe ls [", "ls", "--bogus");
        expect(runs, "one argument too many: 'words'", "send", "-g", "g", "1", "hi", "two", "words");
        expect(runs, "'PID', 'NAME'", "send", "-g", "g");
        expect(runs, "'abc' is no whole number", "send", "-g", "g", "abc", "hi", "x");
        expect(runs, "--patience is 0, but must be 1 second or more", "send", "-g", "g", "--patience", "0", "1", "hi",
                "x");
        expect(runs, "both TEXT and --file are given", "broadcast", "-g", "g", "hi", "x", "-f", "/etc/passwd");
        expect(runs, "--count is 0, but must be 1 or more", "listen", "-g", "g", "--count", "0");
        expect(runs, "\"../g\" cannot be the name of a group", "listen", "-g", "../g");
        expect(runs, "has 255 bytes; an alert's name has at most 254", "listen", "-g", "g", tooLong);
        expect(runs, "--workers is 0, but must be 1 to 500", "demo", "--workers", "0");
        assertMisused(runs);
    }

    @Test
    void shouldSayWhatThoseThatOnlyLookExpectWhenArgumentsAreWrong() throws Exception {
        Map<Run, String> runs = new LinkedHashMap<>();
        expect(runs, "--sort is 'x', but must be one of pid, label,", "top", "--once", "--sort", "x");
        expect(runs, "'9999' seconds: expected 0.1 to 3600", "top", "--interval", "9999");
        expect(runs, "'x' is no number of seconds", "stat", "--watch", "x");
        expect(runs, "\"../g\" cannot be the name of a group", "top", "--once", "-g", "../g");
        expect(runs, "\"../g\" cannot be the name of a group", "stat", "-g", "../g");
        expect(runs, "\"../g\" cannot be the name of a group", "doctor", "-g", "../g");
        expect(runs, "unknown option '--bogus'; expected: workerpipe doctor [", "doctor", "--bogus");
        expect(runs, "Missing required parameter: 'SHELL'", "completion");
        assertMisused(runs);
    }

    private void assertMisused(Map<Run, String> runs) throws Exception {
        for (Map.Entry<Run, String> each : runs.entrySet()) {
            assertComplains(each.getKey(), MISUSED, each.getValue());
            assertThat(each.getKey().error().getFirst()).endsWith("--help'");
        }
        assertThat(commands.left()).isEmpty();
    }

    @Test
    void shouldSayWhatIsTheMatterWhenItFails() throws Exception {
        Run listener = commands.listen("-g", "g", "--json");
        String pid = Long.toString(listener.pid());
        Path file = Files.createFile(folder.resolve("file"));
        Map<Run, String> runs = new LinkedHashMap<>();
        expect(runs, "group 'none' has no live worker", "send", "-g", "none", "1", "hi", "x");
        expect(runs, "group 'none' has no live worker", "broadcast", "-g", "none", "hi", "x");
        expect(runs, "no worker with process id 1, but [" + pid + " (listen)]", "send", "-g", "g", "1", "hi", "x");
        expect(runs, "no worker with process id 4294967297", "send", "-g", "g", "4294967297", "hi", "x");
        expect(runs, "/nowhere/at/all: no such file or folder", "send", "-g", "g", pid, "hi", "-f", "/nowhere/at/all");
        expect(runs, folder + ": is a folder, expected a file", "send", "-g", "g", pid, "hi", "-f", folder.toString());
        expect(runs, "has 4294967041 bytes; an alert's data has at most 4294967040", "send", "-g", "g", pid, "hi", "-f",
                sparse(4_294_967_041L).toString());
        expect(runs, file.toString(), "listen", "-g", "g2", "--save", file.toString());
        for (Map.Entry<Run, String> each : runs.entrySet()) {
            assertComplains(each.getKey(), FAILED, each.getValue());
        }
        assertThat(listener.output()).isEmpty();
    }

    @Test
    void shouldGiveUpWhenTheReceiverDoesNotRead() throws Exception {
        Run listener = commands.listen("-g", "g", "--json", "--count", "1");
        listener.signal("STOP");
        Run send = commands.run(new byte[1 << 20], "send", "-g", "g", "--patience", "1",
                Long.toString(listener.pid()), "big");
        assertComplains(send, FAILED, "worker " + listener.pid() + " (listen) has taken nothing for 1 s");
        listener.signal("CONT");
        // What it has half is no alert, and hinders none.
        commands.run("send", "-g", "g", Long.toString(listener.pid()), "small", "x");
        listener.awaitEnd();
        assertThat(listener.output()).hasSize(1);
        assertThat(Json.object(listener.output().getFirst())).containsEntry("name", "small");
        assertThat(commands.left()).isEmpty();
    }

    @Test
    void shouldRefuseTheFolderOfAnotherUser() throws Exception {
        Path others = OtherUser.folder(folder);
        for (String command : List.of("ls", "stat", "top")) {
            assertComplains(commands.runIn(others, command), FAILED, others + " belongs to user ");
        }
    }

    private void expect(Map<Run, String> runs, String message, String... arguments) throws IOException {
        runs.put(commands.start(arguments), message);
    }

    private static void assertComplains(Run run, int exitCode, String message) throws Exception {
        run.awaitEnd();
        assertThat(run.error()).as("%s", run).singleElement().asString().startsWith("workerpipe: ").contains(message);
        assertThat(run.exitCode()).as("%s", run).isEqualTo(exitCode);
        assertThat(run.output()).isEmpty();
    }

    private Path sparse(long bytes) throws IOException {
        Path file = folder.resolve("sparse");
        try (RandomAccessFile out = new RandomAccessFile(file.toFile(), "rw")) {
            out.setLength(bytes);
        }
        return file;
    }
}
