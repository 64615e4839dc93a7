package io.workerpipe.cli;

import picocli.CommandLine.Option;

/** The option {@code --group} of commands that show all groups without it. */
final class OneGroupOption {
    @Option(names = {"-g", "--group"}, paramLabel = "G", description = "Only this group.")
    String group;
}
