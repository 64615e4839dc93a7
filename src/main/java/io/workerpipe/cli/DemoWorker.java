package io.workerpipe.cli;

import io.workerpipe.Alert;
import io.workerpipe.Ipc;
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

    @Override
    @SuppressWarnings("try") // the handler closes what this waits for
    public Integer call() throws Exception {
        try (Ipc ipc = Ipc.builder(group).label("demo-" + index).index(index).receive(HELLO, this::hello)
                .receive(RESPONSE, DemoWorker::say).receiveUnknown(DemoWorker::say).join()) {
            ipc.receive(QUIT, alert -> ipc.close());
            // Whoever started us may be killed: then there is nothing left to do here.
            ProcessHandle.current().parent().ifPresent(parent -> parent.onExit().thenRun(ipc::close));
            ipc.awaitClose();
        }
        return 0;
    }

    private void hello(Alert alert) {
        say(alert);
        alert.reply(RESPONSE, "hi, you said " + alert.text());
    }

    private static void say(Alert alert) {
        System.out.println(ProcessHandle.current().pid() + " got '" + alert.name() + "' from " + alert.sender() + ": "
                + AlertText.of(alert).map(TextPrinter::oneLine).orElse(alert.length() + " bytes"));
    }
}
