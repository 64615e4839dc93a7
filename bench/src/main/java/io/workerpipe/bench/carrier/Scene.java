package io.workerpipe.bench.carrier;

import io.workerpipe.bench.transport.Waiting;

/**
 * Who plays in a case.
 *
 * @param name      the case's
 * @param waiting   what receivers do while nothing comes
 * @param receivers processes that receive
 * @param senders   processes that only send
 * @param threads   that send in each of these
 * @param bytes     data of each alert
 */
public record Scene(String name, Waiting waiting, int receivers, int senders, int threads, long bytes) {
    /** Processes that send to receivers, as they are. */
    public static Scene flow(String name, int receivers, int senders, int threads, long bytes) {
        return new Scene(name, Waiting.DEFAULT, receivers, senders, threads, bytes);
    }
}
