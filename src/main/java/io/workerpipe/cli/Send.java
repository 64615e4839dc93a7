package io.workerpipe.cli;

import io.workerpipe.Ipc;
import io.workerpipe.NoSuchWorkerException;
import io.workerpipe.Worker;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code workerpipe send}. */
@Command(name = "send", mixinStandardHelpOptions = true, sortOptions = false, description = "Sends an alert to one worker, and ends when it is written to the worker's pipe.", footer = {
        "", "Examples:", "  workerpipe send --group web 4711 hello 'anyone there?'",
        "  workerpipe send --group web 4711 picture --file photo.jpg", "  date | workerpipe send --group web 4711 now"})
final class Send implements Callable<Integer> {
    @Mixin
    private GroupOption group;

    @Option(names = "--patience", paramLabel = "SECONDS", defaultValue = "10", description = "Gives up when the worker takes nothing for so long; ${DEFAULT-VALUE} by default.")
    private long patience;

    @Parameters(index = "0", paramLabel = "PID", description = "The worker's process id.")
    private long pid;

    @Parameters(index = "1", paramLabel = "NAME", description = "The alert's name.")
    private String name;

    @Parameters(index = "2", arity = "0..1", paramLabel = "TEXT", description = "The data. Without it and without --file, standard input.")
    private String text;

    @Mixin
    private Data data;

    @Override
    public Integer call() throws Exception {
        Sending.checkPatience(patience);
        data.check(text);
        try (Ipc ipc = Guest.join(group.name)) {
            // Before somebody types it.
            Worker receiver = ipc.worker(pid).orElseThrow(() -> new NoWorker(group.name, pid, ipc.workers()));
            MemorySegment loaded = data.load(text);
            Sending.send(ipc, List.of(receiver), name, loaded, patience);
            Output.line(OneLine.of("sent " + Quantity.bytes(loaded.byteSize()) + " to " + receiver));
        }
        return 0;
    }
}
