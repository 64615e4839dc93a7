package foreign;

import io.workerpipe.Ipc;
import io.workerpipe.IpcException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Sends itself an alert and answers it, with nothing but the public API. */
public final class Main {
    private Main() {}

    public static void main(String[] args) throws Exception {
        CompletableFuture<String> answer = new CompletableFuture<>();
        try (Ipc ipc = Ipc.join("foreign")) {
            ipc.receive("hello", alert -> alert.reply("hello-response", "hi, you said " + alert.text()));
            ipc.receive("hello-response",
                    alert -> answer.complete(alert.sender().equals(ipc.self()) + " " + alert.text()));
            System.out.println("sent to " + ipc.broadcast("hello", "anyone there?"));
            System.out.println(answer.get(30, TimeUnit.SECONDS));
            System.out.println("OK");
        } catch (IpcException e) {
            System.out.println(e.getClass().getName() + ": " + e.getMessage());
            System.exit(3);
        }
    }
}
