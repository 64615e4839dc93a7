package io.workerpipe.loop;

/**
 * Hands an alert to its handler, on the reader thread. What it throws is counted and logged.
 *
 * @param <H> the handler's type
 */
@FunctionalInterface
public interface Delivery<H> {
    /** @param alert valid until this call returns */
    void deliver(H handler, Received alert);
}
