package io.workerpipe.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.workerpipe.roster.Counter;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(600)
class StatIT {
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
    void shouldPrintEachCounterOfEachWorkerAndTheirSum() throws Exception {
        Run first = commands.listen("-g", "web", "--label", "first");
        commands.listen("-g", "web", "--label", "second");
        commands.run("send", "-g", "web", Long.toString(first.pid()), "hi", "12345");
        commands.run("broadcast", "-g", "web", "hi", "x");
        Run.await("all were counted", () -> sum(Counter.ALERTS_IN) == 3);
        Run stat = commands.run("stat", "-g", "web");
        assertThat(stat.exitCode()).as("%s", stat).isZero();
        assertThat(stat.output()).hasSize(2 + Counter.values().length).allMatch(line -> line.length() <= 80)
                .anyMatch(line -> line.matches("group web +" + first.pid() + " +[0-9]+ +total"))
                .anyMatch(line -> line.matches("label +first +second"))
                .anyMatch(line -> line.matches("alertsIn +2 +1 +3"));
        String[] bytes = stat.output().stream().filter(line -> line.startsWith("bytesIn ")).findAny().orElseThrow()
                .split(" +");
        // Each has a header of 16 bytes, and there may be packets that are no alerts.
        assertThat(Long.parseLong(bytes[1])).isGreaterThanOrEqualTo(16 + 7 + 16 + 3);
        assertThat(Long.parseLong(bytes[1]) + Long.parseLong(bytes[2])).isEqualTo(Long.parseLong(bytes[3]));
    }

    private long sum(Counter counter) {
        try {
            return Json.objects(String.join("\n", commands.run("stat", "--json").output())).stream()
                    .mapToLong(each -> Long.parseLong(each.get(Sample.nameOf(counter)))).sum();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void shouldPrintAnArrayALineUntilInterruptedWhenWatching() throws Exception {
        Run listener = commands.listen("-g", "web");
        Run stat = commands.start("stat", "--watch", "0.1", "--json");
        Run.await("three looks", () -> stat.output().size() >= 3);
        stat.signal("INT");
        stat.awaitEnd();
        assertThat(stat.exitCode()).isEqualTo(130);
        assertThat(stat.error()).isEmpty();
        for (String line : stat.output()) {
            List<Map<String, String>> workers = Json.objects(line);
            assertThat(workers).hasSize(1);
            assertThat(workers.getFirst()).containsEntry("pid", Long.toString(listener.pid()))
                    .containsEntry("alertsIn", "0");
        }
        assertThat(commands.runShell("\"$0\" stat -w 0.1 | head -3").output()).hasSize(3);
    }

    @Test
    void shouldSayThatNobodyIsThereWhenThereIsNoGroup() throws Exception {
        for (List<String> command : List.of(List.of("stat", "-g", "none"), List.of("top", "-i", "0.1", "-g", "none"),
                List.of("ls", "-g", "none"))) {
            Run run = commands.run(command.toArray(String[]::new));
            assertThat(run.exitCode()).as("%s", run).isZero();
            assertThat(run.output()).containsExactly("no live workers");
        }
        assertThat(commands.run("stat", "-g", "none", "--json").output()).containsExactly("[ ]");
    }
}
