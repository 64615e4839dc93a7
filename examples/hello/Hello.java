import io.workerpipe.Ipc;

class Hello {
    public static void main(String[] args) throws Exception {
        try (Ipc ipc = Ipc.join("web")) {
            ipc.receive("hello", alert -> alert.reply("hello-response", "hi, you said " + alert.text()));
            ipc.receive("hello-response", alert -> System.out.println(alert.sender() + ": " + alert.text()));
            ipc.broadcast("hello", "anyone there?");
            ipc.awaitClose();
        }
    }
}
