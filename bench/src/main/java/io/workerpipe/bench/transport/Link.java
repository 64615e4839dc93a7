package io.workerpipe.bench.transport;

import java.lang.foreign.MemorySegment;

/** A way to send to one receiver, or to several at once. For one thread at a time. */
public interface Link {
    /**
     * Sends, and waits while there is no room.
     *
     * @param data native memory, to be used again as soon as this returns
     */
    void send(MemorySegment data);

    /** Sends one alert, of any length that the system can, and waits until it has left this process. */
    default void sendAlone(MemorySegment data) throws Exception {
        send(data);
        flush();
    }

    /** Holds nothing back any longer for the sake of a batch. */
    void push();

    /** Waits until all that was sent has left this process. */
    void flush();
}
