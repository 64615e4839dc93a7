package io.workerpipe;

/**
 * Is told of alerts that a sender has dropped, so that a cache can ask for the state it has missed.
 *
 * <p>Called by the thread that calls the {@linkplain AlertHandler handlers of alerts}, in one order with them. It may do
 * what they may; there is no alert to reply to, but {@link Loss#sender} can be sent to, unless it is a guest or gone. What it throws is counted and
 * logged, and nothing else happens.
 */
@FunctionalInterface
public interface LossHandler {
    /**
     * Handles one notice.
     *
     * @param loss who has dropped how many
     * @throws Exception anything: counted and logged
     */
    void handle(Loss loss) throws Exception;
}
