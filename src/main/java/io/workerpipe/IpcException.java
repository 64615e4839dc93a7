package io.workerpipe;

/**
 * What a group refuses or fails at. Each reason has a subclass of its own; the message says what was wrong, what was
 * expected and what to do.
 */
public class IpcException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /**
     * An exception without a cause.
     *
     * @param message what was wrong, what was expected, what to do
     */
    public IpcException(String message) {
        super(message);
    }

    /**
     * An exception with a cause.
     *
     * @param message what was wrong, what was expected, what to do
     * @param cause   what the system said
     */
    public IpcException(String message, Throwable cause) {
        super(message, cause);
    }
}
