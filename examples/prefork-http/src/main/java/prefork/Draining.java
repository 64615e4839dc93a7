package prefork;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpHeaderValue;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.Callback;

/** Ends a server without ending a request: answers all that come on connections that are there, and closes each then. */
final class Draining extends Handler.Wrapper {
    private static final Duration LIMIT = Duration.ofSeconds(5);
    private static final Duration IDLE = Duration.ofSeconds(1);
    private static final Duration LOOK_EVERY = Duration.ofMillis(10);
    /** Longer than a connection that is accepted takes to be counted. */
    private static final Duration NONE_FOR = Duration.ofMillis(300);

    private volatile boolean draining;

    Draining(Handler handler) {
        super(handler);
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) throws Exception {
        if (draining) {
            response.getHeaders().put(HttpHeader.CONNECTION, HttpHeaderValue.CLOSE);
        }
        return super.handle(request, response, callback);
    }

    /** Accepts no more connections, and waits until those that are there have ended; idle ones end after a second. */
    void drain(ServerConnector connector) {
        draining = true;
        // Not shutdown(): it closes a connection behind an answer that has not said so.
        connector.setAccepting(false);
        connector.close();
        long start = System.nanoTime();
        long lastSeen = start;
        long now = start;
        while (now - lastSeen < NONE_FOR.toNanos() && now - start < LIMIT.toNanos()) {
            LockSupport.parkNanos(LOOK_EVERY.toNanos());
            now = System.nanoTime();
            for (EndPoint endPoint : connector.getConnectedEndPoints()) {
                endPoint.setIdleTimeout(IDLE.toMillis());
                lastSeen = now;
            }
        }
    }
}
