package prefork;

import io.workerpipe.Ipc;
import io.workerpipe.IpcException;
import io.workerpipe.NoSuchWorkerException;
import java.util.concurrent.Future;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.URIUtil;

/** {@code /send/PID/DATA} and {@code /broadcast/DATA}, as in ngx_lua_ipc's README; all else says who is there. */
final class Endpoints extends Handler.Abstract {
    private static final Pattern SEND = Pattern.compile("/send/(\\d{1,18})/(.*)");
    private static final Pattern BROADCAST = Pattern.compile("/broadcast/(.*)");

    private final Future<Ipc> joined;

    Endpoints(Future<Ipc> joined) {
        this.joined = joined;
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) throws Exception {
        Ipc ipc = joined.get();
        String path = URIUtil.decodePath(Request.getPathInContext(request));
        Matcher send = SEND.matcher(path);
        Matcher broadcast = BROADCAST.matcher(path);
        try {
            if (send.matches()) {
                ipc.send(Long.parseLong(send.group(1)), "hello", send.group(2));
                answer(response, callback, HttpStatus.OK_200, ipc.self() + " sent it to " + send.group(1));
            } else if (broadcast.matches()) {
                int count = ipc.broadcast("hello", broadcast.group(1));
                answer(response, callback, HttpStatus.OK_200, ipc.self() + " sent it to " + count + " workers");
            } else if (path.equals("/")) {
                answer(response, callback, HttpStatus.OK_200, ipc.self() + " of " + ipc.workers());
            } else {
                answer(response, callback, HttpStatus.NOT_FOUND_404, "expected /send/PID/DATA or /broadcast/DATA");
            }
        } catch (NoSuchWorkerException e) {
            answer(response, callback, HttpStatus.NOT_FOUND_404, e.getMessage());
        } catch (IpcException e) {
            answer(response, callback, HttpStatus.SERVICE_UNAVAILABLE_503, e.getMessage());
        }
        return true;
    }

    private static void answer(Response response, Callback callback, int status, String text) {
        response.setStatus(status);
        response.getHeaders().put(HttpHeader.CONTENT_TYPE, "text/plain; charset=utf-8");
        Content.Sink.write(response, true, text + "\n", callback);
    }
}
