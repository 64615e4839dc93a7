package io.workerpipe.cli;

import io.workerpipe.Alert;
import io.workerpipe.Ipc;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** One worker of {@code workerpipe demo}: started by it, in a JVM of its own. */
@Command(name = "demo-worker", hidden = true)
final class DemoWorker implements Callable<Integer> {
    static final String HELLO = "hello";
    static final String RESPONSE = "hello-response";
    static final String QUIT = "quit";

    @Option(names = "--group", required = true)
    private String group;

    @Option(names = "--index", required = true)
    private int index;

    @Option(names = "--console", required = true)
    private long console;

    @Override
    @SuppressWarnings("try") // the handler closes what this waits for
    public Integer call() throws Exception {
        try (Ipc ipc = Ipc.builder(group).label("demo-" + index).index(index).receive(HELLO, this::hello)
                .receive(RESPONSE, DemoWorker::say).receiveUnknown(DemoWorker::say).join()) {
            ipc.receive(QUIT, alert -> ipc.close());
            // The console may be killed, even before this line: then there is nothing left to do here.
            ProcessHandle.current().parent().filter(parent -> parent.pid() == console)
                    .ifPresentOrElse(parent -> parent.onExit().thenRun(ipc::close), ipc::close);
            ipc.awaitClose();
        }
        return 0;
    }

    private void hello(Alert alert) {
        say(alert);
        alert.reply(RESPONSE, "hi, you said " + alert.text());
    }

    private static void say(Alert alert) {
        try {
            Output.line(OneLine.of(ProcessHandle.current().pid() + " got '" + alert.name() + "' from " + alert.sender()
                    + ": " + AlertText.of(alert).orElseGet(() -> Quantity.bytes(alert.length()))));
        } catch (IOException e) {
            // The console sees it as well, and ends.
        }
    }
}
