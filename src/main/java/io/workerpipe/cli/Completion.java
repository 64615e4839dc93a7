package io.workerpipe.cli;

import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code workerpipe completion}. */
@Command(name = "completion", mixinStandardHelpOptions = true, sortOptions = false, description = "Prints a script that makes a shell complete commands and options.", footer = {
        "", "Examples:", "  source <(workerpipe completion bash)",
        "  workerpipe completion bash > /etc/bash_completion.d/workerpipe",
        "  source <(workerpipe completion zsh)      # in ~/.zshrc, after compinit"})
final class Completion implements Callable<Integer> {
    /** One script does for both: in zsh it calls bashcompinit itself. */
    private enum Shell {
        bash, zsh
    }

    @Parameters(paramLabel = "SHELL", description = "${COMPLETION-CANDIDATES}.")
    private Shell shell;

    @Override
    public Integer call() throws IOException {
        Output.line(AutoComplete.bash("workerpipe", Main.all()).stripTrailing());
        return CommandLine.ExitCode.OK;
    }
}
