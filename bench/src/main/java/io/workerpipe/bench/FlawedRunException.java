package io.workerpipe.bench;

/** A run whose figures do not count: an alert was lost, doubled or wrong, or a process did not do what it was told. */
public final class FlawedRunException extends Exception {
    private static final long serialVersionUID = 1;

    public FlawedRunException(String message) {
        super(message);
    }

    public FlawedRunException(String message, Throwable cause) {
        super(message, cause);
    }
}
