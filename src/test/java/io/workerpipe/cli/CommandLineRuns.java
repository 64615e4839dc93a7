package io.workerpipe.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Starts the real bin/workerpipe, in a folder of groups that no other run sees. Used by one thread. */
final class CommandLineRuns implements AutoCloseable {
    static final Path LAUNCHER = Path.of("bin", "workerpipe").toAbsolutePath();

    private final Path groups;
    private final List<Run> runs = new ArrayList<>();
    private final List<TerminalRun> terminals = new ArrayList<>();

    CommandLineRuns(Path folder) throws IOException {
        groups = Files.createDirectory(folder.resolve("groups"),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    }

    Path groups() {
        return groups;
    }

    /** With nothing on standard input. */
    Run start(String... arguments) throws IOException {
        return start(new byte[0], arguments);
    }

    Run start(byte[] input, String... arguments) throws IOException {
        Run run = Run.start(builder(arguments));
        runs.add(run);
        run.write(input);
        return run;
    }

    /** Standard input stays open, for {@link Run#type}. */
    Run startInteractive(String... arguments) throws IOException {
        Run run = Run.start(builder(arguments));
        runs.add(run);
        return run;
    }

    /** Nobody reads its output. */
    Run startUnread(byte[] input, String... arguments) throws IOException {
        Run run = Run.startUnread(builder(arguments));
        runs.add(run);
        run.write(input);
        return run;
    }

    /** To its end. */
    Run run(String... arguments) throws Exception {
        return start(arguments).awaitEnd();
    }

    Run run(byte[] input, String... arguments) throws Exception {
        return start(input, arguments).awaitEnd();
    }

    /** A script that has the launcher as {@code $0}. */
    Run runShell(String script) throws Exception {
        return startShell(script).awaitEnd();
    }

    Run startShell(String script) throws IOException {
        Run run = Run.start(inOwnFolder(List.of("sh", "-c", script, LAUNCHER.toString())));
        runs.add(run);
        run.write(new byte[0]);
        return run;
    }

    /** On a terminal of that size: a script that has the launcher as {@code $0}. */
    TerminalRun startOnTerminal(int columns, int rows, String script) throws IOException {
        String sized = "stty cols " + columns + " rows " + rows + "; " + script;
        ProcessBuilder builder = inOwnFolder(List.of("env", "--default-signal=INT", "script", "-qec",
                "exec sh -c '" + sized.replace("$0", LAUNCHER.toString()) + "'", "/dev/null"));
        builder.environment().put("TERM", "xterm-256color");
        builder.environment().put("SHELL", "/bin/sh");
        builder.environment().remove("NO_COLOR");
        TerminalRun run = TerminalRun.start(builder, columns, rows);
        terminals.add(run);
        return run;
    }

    /** With groups somewhere else. */
    Run runIn(Path otherGroups, String... arguments) throws Exception {
        ProcessBuilder builder = builder(arguments);
        builder.environment().put("WORKERPIPE_DIR", otherGroups.toString());
        Run run = Run.start(builder);
        runs.add(run);
        run.write(new byte[0]);
        return run.awaitEnd();
    }

    /** Joined, and ready to receive. */
    Run listen(String... arguments) throws Exception {
        List<String> all = new ArrayList<>(List.of("listen"));
        all.addAll(List.of(arguments));
        Run run = start(all.toArray(String[]::new));
        run.awaitError("listening in group");
        return run;
    }

    private ProcessBuilder builder(String... arguments) {
        // A build server may have started us with SIGINT ignored, which is inherited.
        List<String> command = new ArrayList<>(List.of("env", "--default-signal=INT", LAUNCHER.toString()));
        command.addAll(List.of(arguments));
        return inOwnFolder(command);
    }

    private ProcessBuilder inOwnFolder(List<String> command) {
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().put("WORKERPIPE_DIR", groups.toString());
        builder.environment().put("WORKERPIPE_BUILD", "never");
        builder.environment().remove("JAVA_OPTS");
        // The poorest of locales: names and texts are UTF-8 all the same.
        builder.environment().put("LC_ALL", "C");
        return builder;
    }

    /** What lies in the folder of groups. */
    List<Path> left() throws IOException {
        try (Stream<Path> files = Files.list(groups)) {
            return files.toList();
        }
    }

    @Override
    public void close() {
        terminals.forEach(TerminalRun::kill);
        runs.forEach(Run::kill);
    }
}
