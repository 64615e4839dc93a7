package io.workerpipe.bench.transport;

import java.io.IOException;

/** One system in one process: it receives into a {@link Sink} from the moment it is opened, and makes links to others. */
public interface Transport extends AutoCloseable {
    /** To a receiver. May wait until that has been started. */
    default Link link(int receiver) throws Exception {
        return link(receiver, 1);
    }

    /** To several receivers, each of which gets what is sent. */
    Link link(int firstReceiver, int count) throws Exception;

    @Override
    void close() throws IOException;

    /**
     * Opens a system by its name.
     *
     * @param sink null in a process that only sends
     */
    static Transport open(String system, Seat seat, Sink sink) throws Exception {
        return switch (system) {
            case "workerpipe" -> new WorkerpipeTransport(seat, sink);
            case "aeron-ipc" -> new AeronTransport(seat, sink);
            case "jdk-uds" -> new UnixSocketTransport(seat, sink, UnixSocketTransport.BATCH_BYTES);
            case "jdk-uds-single" -> new UnixSocketTransport(seat, sink, 0);
            case "netty-uds" -> new NettyTransport(seat, sink);
            case "chronicle-queue" -> new ChronicleTransport(seat, sink);
            default -> throw new IllegalArgumentException("no such system: " + system);
        };
    }
}
