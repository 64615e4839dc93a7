package prefork;

import io.workerpipe.Alert;
import io.workerpipe.Ipc;
import java.util.concurrent.CompletableFuture;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;

/** One worker: an HTTP server on a port that it shares with the others, and the example of ngx_lua_ipc's README. */
public final class PreforkHttp {
    private static final int DEFAULT_PORT = 8080;

    private PreforkHttp() {}

    /** @param args the port */
    public static void main(String[] args) throws Exception {
        int port = args.length > 0 ? Integer.parseInt(args[0]) : DEFAULT_PORT;
        CompletableFuture<Ipc> joined = new CompletableFuture<>();
        Server server = new Server();
        ServerConnector connector = new ServerConnector(server, 1, 1);
        connector.setReusePort(true);
        connector.setPort(port);
        server.addConnector(connector);
        Draining draining = new Draining(new Endpoints(joined));
        server.setHandler(draining);

        // Who has joined may follow somebody else: from here on the kernel queues connections for this worker.
        connector.open();
        try (Ipc ipc = Ipc.builder().leaveAtExit(false).receive("hello", PreforkHttp::hello)
                .receive("reply", PreforkHttp::reply).join()) {
            joined.complete(ipc);
            server.start();
            endAtExit(draining, connector, ipc);
            System.out.println("worker " + ipc.self() + " serves port " + connector.getLocalPort());
            // Returns at SIGTERM, and when the supervisor is gone.
            ipc.awaitClose();
            draining.drain(connector);
            server.stop();
        }
    }

    /** One after the other: requests that are under way still find the group. */
    private static void endAtExit(Draining draining, ServerConnector connector, Ipc ipc) {
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            draining.drain(connector);
            ipc.close();
        }, "shutdown"));
    }

    private static void hello(Alert alert) {
        System.out.println("sender " + alert.sender().pid() + " says " + alert.text());
        alert.reply("reply", "hello to you too. you said " + alert.text());
    }

    private static void reply(Alert alert) {
        System.out.println(alert.sender().pid() + " replied " + alert.text());
    }
}
