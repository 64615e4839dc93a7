package io.workerpipe.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The live view on a real terminal, and what it prints where there is none. */
@Timeout(600)
class TopIT {
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
    void shouldShowWorkersLiveAndLeaveTheTerminalAsItWasWhenQuit() throws Exception {
        Run listener = commands.listen("-g", "web", "--label", "first");
        TerminalRun top = startTop("top -i 0.5");
        List<String> lines = top.await("all is drawn",
                now -> now.size() == 24 && now.get(3).contains(" " + listener.pid() + " first")
                        && now.get(3).endsWith(" -") && now.get(23).startsWith("q quit"));
        assertThat(lines.get(0)).startsWith("workerpipe top: all groups by IN/s");
        assertThat(lines.get(2)).startsWith("    PID LABEL      IN/s INB/s OUT/s OUTB/s QUEUE");

        commands.run("send", "-g", "web", Long.toString(listener.pid()), "hi", "x");
        top.await("the alert was seen", now -> now.get(3).matches(".* first .* [0-9]+s"));

        Run second = commands.listen("-g", "web", "--label", "second");
        top.awaitLine(" " + second.pid() + " second");
        second.signal("KILL");
        second.awaitEnd();
        top.await("the killed one is off the list",
                now -> now.stream().noneMatch(line -> line.contains(" second ")));

        top.type("q");
        assertEndsClean(top, 0);
    }

    @Test
    void shouldObeyKeysAndANewSize() throws Exception {
        commands.listen("-g", "web", "--label", "first");
        commands.listen("-g", "web", "--label", "second");
        commands.listen("-g", "other", "--label", "third");
        TerminalRun top = startTop("top -i 0.2");
        top.awaitLine("third");
        top.awaitLine("web: 2 workers");
        top.type("/SEC");
        top.awaitLine("filter: sec_");
        top.type("\r");
        top.await("only one is left", now -> now.stream().noneMatch(line -> line.contains("first")
                || line.contains("third")) && now.getFirst().contains("only 'sec'"));
        top.type("\033");
        top.awaitLine("third");
        top.type("l");
        top.await("sorted by label", now -> line(now, "first") < line(now, "second") && line(now, "first") > 0);
        top.type("r");
        top.await("reversed", now -> line(now, "first") > line(now, "second"));
        top.type("g");
        top.await("the group that is first", now -> now.getFirst().contains("top: other")
                && line(now, "third") > 0 && line(now, "first") < 0);
        top.type("gg");
        top.awaitLine("all groups");
        top.type(" ");
        top.awaitLine("PAUSED");
        top.type(" +");
        top.awaitLine("every 0.4 s");
        top.type("\033[C");
        top.awaitLine("by IN/s");
        top.type("h");
        top.awaitLine("process id of the receiver for which most bytes wait");
        top.type("x");
        top.awaitLine("third");

        top.resize(100, 6);
        List<String> small = top.await("drawn for 6 lines",
                now -> now.size() == 6 && now.get(5).startsWith("q quit") && now.get(2).contains("PID LABEL"));
        assertThat(small.get(3)).startsWith("other: 1 worker");
        top.type("\033[B");
        top.await("moved by a line", now -> now.get(3).contains("third"));
        top.type("q");
        assertEndsClean(top, 0);
    }

    @Test
    void shouldLeaveTheTerminalAsItWasWhenInterruptedOrTerminated() throws Exception {
        TerminalRun top = startTop("top");
        top.awaitLine("no live workers");
        top.type("\003");
        assertEndsClean(top, 130);

        TerminalRun other = startTop("top");
        other.awaitLine("no live workers");
        Run.signal("TERM", other.java().pid());
        assertEndsClean(other, 143);
    }

    @Test
    void shouldUseColoursUnlessNoColorIsSet() throws Exception {
        Run demo = commands.startInteractive("demo", "--workers", "1");
        demo.awaitOutput("commands:");
        // Long enough to be seen: a line is red until the next look.
        TerminalRun coloured = startTop("top -i 4");
        TerminalRun plain = startTop("top -i 4", "NO_COLOR=1");
        coloured.awaitLine("console");
        plain.awaitLine("console");
        Run listener = commands.listen("-g", group(), "only-this");
        coloured.awaitLine(Long.toString(listener.pid()));
        plain.awaitLine(Long.toString(listener.pid()));
        // Nobody handles it, which is a loss.
        commands.run("send", "-g", group(), Long.toString(listener.pid()), "unknown", "x");
        Run.await("a colour", coloured::isColoured);
        plain.await("the loss is seen",
                now -> now.stream().anyMatch(line -> line.contains("listen") && line.contains(" 1 ")));
        assertThat(plain.isColoured()).isFalse();
        coloured.type("q");
        assertEndsClean(coloured, 0);
        plain.type("q");
        assertEndsClean(plain, 0);
    }

    private String group() throws Exception {
        return commands.left().getFirst().getFileName().toString();
    }

    @Test
    void shouldPrintATableOnceWhenOutputIsAPipe() throws Exception {
        Run listener = commands.listen("-g", "web", "--label", "first");
        for (String option : List.of("--once", "--interval=0.1")) {
            Run top = commands.run("top", "-i", "0.1", option.equals("--once") ? option : "--sort=pid");
            assertThat(top.exitCode()).as("%s", top).isZero();
            assertThat(top.error()).isEmpty();
            assertThat(top.output()).hasSize(2).allMatch(line -> line.length() <= 80);
            assertThat(top.output().getLast()).contains(listener.pid() + " first");
        }
        assertThat(commands.runShell("\"$0\" top -i 0.1 | head -1").output()).hasSize(1);
    }

    @Test
    void shouldNameTheSlowestReceiverAndWhatWaitsForIt() throws Exception {
        Run demo = commands.startInteractive("demo", "--workers", "2");
        demo.awaitOutput("commands:");
        List<ProcessHandle> workers = demo.children();
        long slow = workers.getFirst().pid();
        Run.signal("STOP", slow);
        demo.type("send " + slow + " text " + "x".repeat(400_000));
        demo.type("send " + workers.getLast().pid() + " hello x");
        // In its order: the long one has been sent, too.
        demo.awaitOutput("hi, you said x");
        Map<String, String> console = Json
                .objects(String.join("\n", commands.run("top", "-i", "0.2", "--json").output())).stream()
                .filter(each -> each.get("label").equals("console")).findAny().orElseThrow();
        Run.signal("CONT", slow);
        assertThat(console).containsEntry("fullestReceiver", Long.toString(slow)).containsKey("alertsOutPerSecond");
        assertThat(Long.parseLong(console.get("fullestBytes"))).isBetween(100_000L, 500_000L);
        assertThat(console.get("queuedBytes")).isEqualTo(console.get("fullestBytes"));
        demo.write("quit\n".getBytes(StandardCharsets.UTF_8));
        demo.awaitEnd();
    }

    private static int line(List<String> lines, String part) {
        for (int i = 0; i < lines.size(); i++) {
            if (lines.get(i).contains(" " + part + " ")) {
                return i;
            }
        }
        return -1;
    }

    private TerminalRun startTop(String command, String... environment) throws Exception {
        assumeThat(TerminalRun.SCRIPT).as("script(1), which makes a terminal, is in util-linux").isExecutable();
        return commands.startOnTerminal(80, 24, "trap : INT; stty -g > " + folder + "/before; "
                + String.join(" ", environment) + " $0 " + command + "; code=$?; stty -g > " + folder
                + "/after; exit $code");
    }

    private void assertEndsClean(TerminalRun top, int exitCode) throws Exception {
        assertThat(top.awaitEnd()).as("%s", top.lines()).isEqualTo(exitCode);
        assertThat(Files.readString(folder.resolve("after"))).isEqualTo(Files.readString(folder.resolve("before")));
    }
}
