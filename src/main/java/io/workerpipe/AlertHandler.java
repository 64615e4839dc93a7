package io.workerpipe;

/**
 * Receives the alerts of one name.
 *
 * <p>Called by the group's reader thread, one alert after the other, unless an executor was given
 * ({@link Ipc.Builder#handlerExecutor}). It may send, broadcast, reply, change handlers and close the group. While it runs
 * nothing else is received, so what takes long belongs on another thread, with {@link Alert#copy()}. What it throws is
 * counted and logged, and nothing else happens.
 */
@FunctionalInterface
public interface AlertHandler {
    /**
     * Handles one alert.
     *
     * @param alert the current alert: this object and its segment are valid until the handler returns
     * @throws Exception anything: counted and logged
     */
    void handle(Alert alert) throws Exception;
}
