package io.workerpipe;

import java.util.List;

/** There is no room for an alert to some receivers; the others got it. */
public class OutboxFullException extends IpcException {
    private static final long serialVersionUID = 1L;

    private final transient List<Worker> workers;

    OutboxFullException(String message, List<Worker> workers) {
        super(message);
        this.workers = List.copyOf(workers);
    }

    /**
     * Those for whom there was no room.
     *
     * @return one for a send, one or more for a broadcast
     */
    public List<Worker> workers() {
        return workers;
    }
}
