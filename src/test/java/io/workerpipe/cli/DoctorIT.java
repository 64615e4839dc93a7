package io.workerpipe.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(600)
class DoctorIT {
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
    void shouldFindNothingWrongWhereWorkersRun() throws Exception {
        commands.listen("-g", "web");
        Run doctor = commands.run("doctor");
        assertThat(doctor.exitCode()).as("%s", doctor).isZero();
        assertThat(doctor.error()).isEmpty();
        assertThat(doctor.output()).noneMatch(line -> line.startsWith("FAIL"))
                .anyMatch(line -> line.matches("OK +page writes .*"))
                .anyMatch(line -> line.matches("OK +group web +1 live workers, 1 of 1024 slots in use"));
        assertThat(doctor.output().getLast()).endsWith(" 0 FAIL");
        List<Map<String, String>> checks = json(commands.run("doctor", "--json"));
        assertThat(checks).extracting(each -> each.get("check")).contains("JDK", "JVM options", "native access",
                "platform", "/proc", "user", "namespaces", "open files", "memory", "TCP migration", "pipes",
                "page writes", "vmsplice", "roster folder", "group web");
        // What is only a warning on some machine still says what to do.
        assertThat(checks).filteredOn(each -> !each.get("level").equals("OK"))
                .allMatch(each -> !each.get("advice").isEmpty());
    }

    @Test
    void shouldWarnOfAWorkerThatIsGoneAndOfAGroupThatIsNot() throws Exception {
        Run listener = commands.listen("-g", "web");
        listener.signal("KILL");
        listener.awaitEnd();
        Map<String, String> stale = check(commands.run("doctor", "--json"), "group web");
        assertThat(stale).containsEntry("level", "WARN");
        assertThat(stale.get("found")).contains("0 live workers")
                .contains("1 whose process is gone: " + listener.pid());
        Run none = commands.run("doctor", "-g", "none", "--json");
        assertThat(none.exitCode()).isZero();
        assertThat(check(none, "group none")).containsEntry("level", "WARN");
        assertThat(json(none)).noneMatch(each -> each.get("check").equals("group web"));
    }

    @Test
    void shouldFailWhenARosterIsDamagedOrTheFolderIsAnothersOrNotThere() throws Exception {
        Run listener = commands.listen("-g", "web");
        Files.write(commands.groups().resolve("web").resolve("roster"), new byte[100]);
        Run damaged = commands.run("doctor", "--json");
        assertThat(damaged.exitCode()).isEqualTo(1);
        assertThat(check(damaged, "group web")).containsEntry("level", "FAIL");
        assertThat(check(damaged, "group web").get("advice")).contains("stop all workers of the group");
        listener.signal("KILL");

        Path others = OtherUser.folder(folder);
        Run foreign = commands.runIn(others, "doctor", "--json");
        assertThat(foreign.exitCode()).isEqualTo(1);
        assertThat(check(foreign, "roster folder")).containsEntry("level", "FAIL");
        assertThat(check(foreign, "roster folder").get("found")).contains(others + " belongs to user ");

        Run nowhere = commands.runIn(folder.resolve("no/where"), "doctor", "--json");
        assertThat(nowhere.exitCode()).isEqualTo(1);
        assertThat(check(nowhere, "roster folder").get("advice")).contains("create it with mode 0700");
        assertThat(commands.runIn(Path.of("relative"), "doctor").exitCode()).isEqualTo(1);
    }

    @Test
    void shouldReadAPipeLimitWholeAndSayWhatIsWrongWithTheOptionsOfJava() throws Exception {
        assertThat(check(commands.run("doctor", "--json"), "pipes").get("found"))
                .contains("pipe-max-size " + Files.readAllLines(Path.of("/proc/sys/fs/pipe-max-size")).getFirst());
        Run denied = commands.runShell("JAVA_OPTS=\"--illegal-native-access=deny\" \"$0\" doctor");
        assertThat(denied.output()).anyMatch(line -> line.matches("WARN +JVM options .*--illegal-native-access=deny"));
    }

    private static Map<String, String> check(Run run, String name) throws Exception {
        return json(run).stream().filter(each -> each.get("check").equals(name)).findAny().orElseThrow();
    }

    private static List<Map<String, String>> json(Run run) throws Exception {
        return Json.objects(String.join("\n", run.output()));
    }
}
