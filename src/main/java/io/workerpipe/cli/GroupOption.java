package io.workerpipe.cli;

import picocli.CommandLine.Option;

/** The option {@code --group}. */
final class GroupOption {
    @Option(names = {"-g", "--group"}, required = true, paramLabel = "G", description = "The group's name.")
    String name;
}
