package io.workerpipe.cli;

import io.workerpipe.Alert;
import io.workerpipe.AlertHandler;
import io.workerpipe.Ipc;
import io.workerpipe.Loss;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code workerpipe listen}. */
@Command(name = "listen", mixinStandardHelpOptions = true, sortOptions = false, description = "Joins a group as a worker and prints each alert that it gets.", footer = {
        "", "Example:", "  workerpipe listen --group web",
        "  workerpipe listen --group web --json --count 1 --save /tmp/received picture"})
final class Listen implements Callable<Integer> {
    @Option(names = {"-g",
            "--group"}, paramLabel = "G", description = "The group's name; a worker of 'workerpipe run' has one.")
    private String group;

    @Option(names = "--json", description = "One JSON object a line: sender, name, length, sha256, and text where the data is UTF-8 of at most 4,096 bytes; sender and dropped where a sender has dropped alerts; file with --save.")
    private boolean json;

    @Option(names = "--count", paramLabel = "N", description = "Ends after N alerts; without it, at Ctrl-C.")
    private long count = Long.MAX_VALUE;

    @Option(names = "--save", paramLabel = "DIR", description = "Writes each alert's data into a file of this folder: NUMBER-PID-NAME.")
    private Path folder;

    @Option(names = "--label", paramLabel = "LABEL", description = "What 'ls' shows; 'listen' by default.")
    private String label;

    @Parameters(paramLabel = "NAME", description = "Only alerts of these names; without, of all names.")
    private List<String> names = List.of();

    @Spec
    private CommandSpec spec;

    private Ipc ipc;
    private AlertPrinter printer;
    private AlertFolder saved;
    private IOException failure;
    private long received;

    @Override
    public Integer call() throws Exception {
        if (count < 1) {
            throw new IllegalArgumentException("--count is " + count + ", but must be 1 or more");
        }
        if (folder != null) {
            saved = AlertFolder.open(folder);
        }
        printer = json ? new JsonPrinter() : new TextPrinter();
        Ipc.Builder builder = group == null ? assigned() : Ipc.builder(group).label("listen");
        if (label != null) {
            builder.label(label);
        }
        AlertHandler handler = this::handle;
        names.forEach(name -> builder.receive(name, handler));
        if (names.isEmpty()) {
            builder.receiveUnknown(handler);
        }
        builder.receiveLoss(this::lost);
        try (Ipc joined = builder.join()) {
            ready(joined);
            System.err.println("listening in group '" + joined.group() + "' as process " + joined.self().pid());
            joined.awaitClose();
        }
        if (failure != null) {
            throw failure;
        }
        return 0;
    }

    private Ipc.Builder assigned() {
        if (System.getenv("WORKERPIPE_GROUP") == null) {
            throw new ParameterException(spec.commandLine(),
                    "Missing required option: '--group=G' (only a worker of 'workerpipe run' needs none)");
        }
        return Ipc.builder();
    }

    /** The first alert may come before join() has returned. */
    private synchronized void ready(Ipc joined) {
        ipc = joined;
        closeIfOver();
    }

    private synchronized void handle(Alert alert) {
        if (isOver()) {
            return;
        }
        received++;
        try {
            // Whoever reads the line may look at the file.
            printer.print(alert, saved == null ? null : saved.save(alert));
        } catch (IOException e) {
            failure = e;
        }
        closeIfOver();
    }

    private synchronized void lost(Loss loss) {
        if (isOver()) {
            return;
        }
        try {
            printer.lost(loss);
        } catch (IOException e) {
            failure = e;
        }
        closeIfOver();
    }

    private boolean isOver() {
        return received >= count || failure != null;
    }

    private void closeIfOver() {
        if (ipc != null && isOver()) {
            ipc.close();
        }
    }
}
