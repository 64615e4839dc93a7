package io.workerpipe.loop;

/**
 * Hands what came to its handler, on the reader thread. What it throws is counted and logged.
 *
 * @param <H> the handler's type
 */
public interface Delivery<H> {
    /** @param alert valid until this call returns; the same object each time, which moves from alert to alert */
    void deliver(H handler, Received alert);

    /**
     * A sender has dropped alerts to this worker.
     *
     * @return false if nobody wants to know
     */
    boolean lost(int pid, int slot, long count);
}
