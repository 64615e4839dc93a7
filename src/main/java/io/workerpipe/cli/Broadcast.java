package io.workerpipe.cli;

import io.workerpipe.Ipc;
import io.workerpipe.Worker;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code workerpipe broadcast}. */
@Command(name = "broadcast", mixinStandardHelpOptions = true, sortOptions = false, description = "Sends an alert to all workers of a group, and ends when it is written to their pipes.", footer = {
        "", "Examples:", "  workerpipe broadcast --group web hello 'anyone there?'",
        "  workerpipe broadcast --group web reload --file settings.json"})
final class Broadcast implements Callable<Integer> {
    @Mixin
    private GroupOption group;

    @Option(names = "--patience", paramLabel = "SECONDS", defaultValue = "10", description = "Gives up when a worker takes nothing for so long; ${DEFAULT-VALUE} by default.")
    private long patience;

    @Parameters(index = "0", paramLabel = "NAME", description = "The alert's name.")
    private String name;

    @Parameters(index = "1", arity = "0..1", paramLabel = "TEXT", description = "The data. Without it and without --file, standard input.")
    private String text;

    @Mixin
    private Data data;

    @Override
    public Integer call() throws Exception {
        Sending.checkPatience(patience);
        data.check(text);
        try (Ipc ipc = Guest.join(group.name)) {
            // Before somebody types it.
            receivers(ipc);
            MemorySegment loaded = data.load(text);
            List<Worker> receivers = receivers(ipc);
            Sending.send(ipc, receivers, name, loaded, patience);
            Output.line(OneLine.of("sent " + Quantity.bytes(loaded.byteSize()) + " to "
                    + Quantity.workers(receivers.size()) + ": " + receivers));
        }
        return 0;
    }

    private List<Worker> receivers(Ipc ipc) {
        List<Worker> receivers = ipc.workers();
        if (receivers.isEmpty()) {
            throw new NoWorker(group.name);
        }
        return receivers;
    }
}
