package io.workerpipe.loop;

/**
 * Hands what came to its handler, on the reader thread. What it throws is counted and logged.
 *
 * @param <H> the handler's type
 */
public interface Delivery<H> {
    /**
     * An alert, not as an object: what the handler does not ask for is not decoded.
     *
     * @param first      of the header of its packet, or of its last one, the first half; see {@code Packet}
     * @param second     and the second
     * @param generation of the memory where its name lies, and then its data, until this call returns
     * @param nameOffset where the name is
     */
    void deliver(H handler, long first, long second, Generation generation, long nameOffset);

    /**
     * A sender has dropped alerts to this worker.
     *
     * @return false if nobody wants to know
     */
    boolean lost(int pid, int slot, long count);
}
