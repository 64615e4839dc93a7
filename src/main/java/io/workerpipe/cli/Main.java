package io.workerpipe.cli;

import io.workerpipe.IpcException;
import io.workerpipe.NameTooLongException;
import io.workerpipe.roster.RosterException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;
import picocli.CommandLine.UnmatchedArgumentException;

/** The command {@code workerpipe}. */
@Command(name = "workerpipe", mixinStandardHelpOptions = true, versionProvider = Version.class, sortOptions = false, description = "Named alerts between the JVM worker processes of this machine, over real Unix pipes.", footer = {
        "", "Example, in two terminals:", "  workerpipe listen --group web",
        "  workerpipe broadcast --group web hello 'anyone there?'", "",
        "Groups are a user's own. WORKERPIPE_DIR, an absolute path, keeps them apart from his others."})
public final class Main implements Runnable {
    /** As a shell shows a process that SIGPIPE has ended. */
    private static final int OUTPUT_CLOSED = 141;

    /** In the order of the help. */
    private static final List<String> COMMANDS = List.of("demo", "demo-worker", "run", "listen", "send", "broadcast",
            "ls",
            "top", "stat", "doctor", "completion", "train", "help");

    @Spec
    private CommandSpec spec;

    private Main() {}

    /** The exit code: 0, 1 when it failed, 2 for wrong arguments. */
    public static void main(String[] args) {
        Logs.oneLineEach();
        System.exit(execute(args));
    }

    static int execute(String... args) {
        return commandLine(args).registerConverter(long.class, Main::number).registerConverter(Long.class, Main::number)
                .setExecutionExceptionHandler(Main::failed).setParameterExceptionHandler(Main::misused).execute(args);
    }

    /** With the command that is called alone, if it is plain which: to read the annotations of all takes long. */
    private static CommandLine commandLine(String[] args) {
        return args.length > 0 && COMMANDS.contains(args[0]) && !args[0].equals("help")
                ? with(List.of(args[0]))
                : all();
    }

    /** With all commands. */
    static CommandLine all() {
        CommandLine main = with(COMMANDS);
        main.getSubcommands().get("help").getCommandSpec().usageMessage().footer("", "Example:",
                "  workerpipe help listen");
        return main;
    }

    private static CommandLine with(List<String> commands) {
        CommandLine main = new CommandLine(new Main());
        commands.forEach(name -> main.addSubcommand(command(name)));
        return main;
    }

    private static Object command(String name) {
        return switch (name) {
            case "demo" -> new Demo();
            case "demo-worker" -> new DemoWorker();
            case "run" -> new RunCommand();
            case "listen" -> new Listen();
            case "send" -> new Send();
            case "broadcast" -> new Broadcast();
            case "ls" -> new Ls();
            case "top" -> new Top();
            case "stat" -> new Stat();
            case "doctor" -> new DoctorCommand();
            case "completion" -> new Completion();
            case "train" -> new Train();
            case "help" -> new HelpCommand();
            default -> throw new AssertionError(name);
        };
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "no command given");
    }

    private static long number(String text) {
        try {
            return Long.parseLong(text);
        } catch (NumberFormatException e) {
            throw new TypeConversionException("'" + text + "' is no whole number");
        }
    }

    /** One line that says what is wrong; a stack trace for what is our own mistake. */
    private static int failed(Exception e, CommandLine command, CommandLine.ParseResult parsed) {
        switch (e) {
            case Output.Closed _ -> {
                return OUTPUT_CLOSED;
            }
            // They speak of arguments that were passed on as they are: a group, a label, a name.
            case IllegalArgumentException _,NameTooLongException _ -> {
                return misused(command, e.getMessage());
            }
            case IpcException _,RosterException _ -> complain(command, e.getMessage());
            case UncheckedIOException _,IOException _ -> complain(command, Reason.of(e));
            default -> e.printStackTrace();
        }
        return CommandLine.ExitCode.SOFTWARE;
    }

    private static int misused(ParameterException e, String[] args) {
        CommandLine command = e.getCommandLine();
        return misused(command, reason(e) + "; expected: " + synopsis(command));
    }

    private static int misused(CommandLine command, String message) {
        complain(command, message + "; see '" + command.getCommandSpec().qualifiedName() + " --help'");
        return CommandLine.ExitCode.USAGE;
    }

    private static String reason(ParameterException e) {
        if (!(e instanceof UnmatchedArgumentException unmatched)) {
            return e.getMessage();
        }
        String first = "'" + unmatched.getUnmatched().getFirst() + "'";
        if (unmatched.isUnknownOption()) {
            return "unknown option " + first;
        }
        return isMain(e.getCommandLine())
                ? "unknown command " + first
                : "one argument too many: " + first + " (a text of several words needs quotes)";
    }

    private static String synopsis(CommandLine command) {
        if (!isMain(command)) {
            return command.getHelp().synopsis(0).strip().replaceAll("\\s+", " ");
        }
        return command.getSubcommands().entrySet().stream()
                .filter(each -> !each.getValue().getCommandSpec().usageMessage().hidden())
                .map(each -> "workerpipe " + each.getKey()).collect(Collectors.joining(" | "));
    }

    private static boolean isMain(CommandLine command) {
        return command.getParent() == null;
    }

    private static void complain(CommandLine command, String message) {
        command.getErr().println("workerpipe: " + message);
    }
}
