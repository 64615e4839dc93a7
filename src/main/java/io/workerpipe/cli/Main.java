package io.workerpipe.cli;

import io.workerpipe.IpcException;
import io.workerpipe.roster.RosterException;
import java.io.IOException;
import java.io.UncheckedIOException;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The command {@code workerpipe}. */
@Command(name = "workerpipe", mixinStandardHelpOptions = true, versionProvider = Version.class, sortOptions = false, description = "Named alerts between the JVM worker processes of this machine, over real Unix pipes.", subcommands = {
        Demo.class, DemoWorker.class, Listen.class, Send.class, Broadcast.class, Ls.class})
public final class Main implements Runnable {
    @Spec
    private CommandSpec spec;

    private Main() {}

    /** The exit code: 0, 1 when it failed, 2 for wrong arguments. */
    public static void main(String[] args) {
        System.exit(new CommandLine(new Main()).setExecutionExceptionHandler(Main::failed)
                .setParameterExceptionHandler(Main::misused).execute(args));
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "no command given");
    }

    /** One line that says what is wrong; a stack trace for what is our own mistake. */
    private static int failed(Exception e, CommandLine command, CommandLine.ParseResult parsed) {
        switch (e) {
            case IpcException _,RosterException _,IllegalArgumentException _ -> complain(command, e.getMessage());
            case UncheckedIOException _,IOException _ -> complain(command, Reason.of(e));
            default -> e.printStackTrace();
        }
        return CommandLine.ExitCode.SOFTWARE;
    }

    private static int misused(ParameterException e, String[] args) {
        complain(e.getCommandLine(), e.getMessage() + "; see '" + e.getCommandLine().getCommandSpec().qualifiedName()
                + " --help'");
        return CommandLine.ExitCode.USAGE;
    }

    private static void complain(CommandLine command, String message) {
        command.getErr().println("workerpipe: " + message);
    }
}
