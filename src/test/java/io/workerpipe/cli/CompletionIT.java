package io.workerpipe.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(600)
class CompletionIT {
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
    void shouldCompleteCommandsAndOptionsInBash() throws Exception {
        Run run = commands.runShell("\"$0\" completion bash > " + folder + "/script && bash -c '. " + folder
                + "/script; compopt() { :; }; try() { COMP_WORDS=(\"$@\"); COMP_CWORD=$(($# - 1));"
                + " COMPREPLY=(); _complete_workerpipe; echo \"${COMPREPLY[@]}\"; }; try workerpipe st;"
                + " try workerpipe top --in; try workerpipe demo-w'");
        assertThat(run.exitCode()).as("%s", run).isZero();
        assertThat(run.output()).containsExactly("stat", "--interval", "");
        assertThat(run.error()).isEmpty();
    }

    @Test
    void shouldServeZshWithTheSameScriptAndRefuseOtherShells() throws Exception {
        Run zsh = commands.run("completion", "zsh");
        assertThat(zsh.exitCode()).isZero();
        assertThat(zsh.output()).isEqualTo(commands.run("completion", "bash").output())
                .anyMatch(line -> line.contains("bashcompinit"));
        Run fish = commands.run("completion", "fish");
        assertThat(fish.exitCode()).isEqualTo(2);
        assertThat(fish.error()).singleElement().asString().contains("expected one of [bash, zsh]");
        assertThat(commands.runShell("\"$0\" completion bash | head -1").output()).hasSize(1);
    }

    @Test
    void shouldShowAnExampleInTheHelpOfEachCommand() throws Exception {
        for (String command : new String[]{"demo", "listen", "send", "broadcast", "ls", "top", "stat", "doctor",
                "completion", "help"}) {
            assertThat(commands.run(command, "--help").output()).as(command)
                    .anyMatch(line -> line.matches("Examples?:")).allMatch(line -> line.length() <= 80)
                    .anyMatch(line -> line.contains("workerpipe " + command));
        }
        assertThat(commands.run("--help").output()).noneMatch(line -> line.matches(" +(train|demo-worker) .*"));
    }
}
