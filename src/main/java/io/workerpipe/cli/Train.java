package io.workerpipe.cli;

import io.workerpipe.Ipc;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/**
 * Does what most starts do, in a folder of groups of its own, so that the JVM can keep what it loaded for those to come:
 * called by bin/workerpipe when it makes that cache.
 */
@Command(name = "train", hidden = true)
final class Train implements Callable<Integer> {
    @Override
    public Integer call() throws Exception {
        try (Ipc ipc = Ipc.join("train")) {
            ipc.receive("train", alert -> {});
            ipc.broadcast("train", "x");
            for (List<String> command : List.of(List.of("ls"), List.of("ls", "--json"), List.of("stat"),
                    List.of("top", "--once", "--interval", "0.1"), List.of("doctor"), List.of("--help"))) {
                Main.execute(command.toArray(String[]::new));
            }
        }
        return CommandLine.ExitCode.OK;
    }
}
