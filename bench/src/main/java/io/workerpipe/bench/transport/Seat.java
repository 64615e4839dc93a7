package io.workerpipe.bench.transport;

import java.nio.file.Path;

/**
 * A process's place in a run.
 *
 * @param variant   of the system, as its driver chose it; empty if there is none to choose
 * @param waiting   for what has not come yet
 * @param index     of the process: receivers first, then senders
 * @param receivers processes that receive
 * @param senders   processes that only send
 * @param threads   that send in each of these
 * @param bytes     data of each alert
 * @param folder    the run's own
 */
public record Seat(String variant, Waiting waiting, int index, int receivers, int senders, int threads, long bytes,
        Path folder) {
    /** All processes that take part. */
    public int processes() {
        return receivers + senders;
    }

    /** Links that lead to a receiver: from each thread of each sender, or from the other one of two that talk. */
    public int linksToReceiver() {
        return senders == 0 ? receivers - 1 : senders * threads;
    }
}
