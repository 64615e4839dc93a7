package foreign;

import io.workerpipe.Ipc;
import io.workerpipe.IpcException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Sends itself an alert and answers it, with nothing but the public API. */
public final class Main {
    private Main() {}

    public static void main(String[] args) throws Exception {
        CountDownLatch answered = new CountDownLatch(1);
        try (Ipc ipc = Ipc.join("foreign")) {
            ipc.receive("hello", alert -> alert.reply("hello-response", "hi, you said " + alert.text()));
            ipc.receive("hello-response", alert -> {
                System.out.println(alert.sender().equals(ipc.self()) + " " + alert.text());
                answered.countDown();
            });
            System.out.println("sent to " + ipc.broadcast("hello", "anyone there?"));
            System.out.println(answered.await(30, TimeUnit.SECONDS) ? "OK" : "no answer");
        } catch (IpcException e) {
            System.out.println(e.getClass().getName() + ": " + e.getMessage());
            System.exit(3);
        }
    }
}
