package io.workerpipe.bench.transport;

import io.aeron.driver.MediaDriver;
import io.aeron.driver.ThreadingMode;
import java.nio.file.Path;
import org.agrona.concurrent.BackoffIdleStrategy;

/** Aeron's media driver in a process of its own; one thread, which sleeps while it has nothing to do. */
public final class AeronDriver {
    private AeronDriver() {}

    /** @param arguments the run's folder */
    public static void main(String[] arguments) throws Exception {
        MediaDriver.Context context = new MediaDriver.Context()
                .aeronDirectoryName(AeronTransport.folder(Path.of(arguments[0])).toString())
                .threadingMode(ThreadingMode.SHARED).sharedIdleStrategy(new BackoffIdleStrategy()).ipcMtuLength(
                        AeronVariant.MTU)
                .termBufferSparseFile(false).dirDeleteOnStart(true).dirDeleteOnShutdown(true)
                .warnIfDirectoryExists(false);
        MediaDriver driver = MediaDriver.launch(context);
        System.out.println("ready");
        // "leave", or the bench has gone.
        int ended = System.in.read();
        driver.close();
        System.exit(ended >= 0 ? 0 : 1);
    }
}
