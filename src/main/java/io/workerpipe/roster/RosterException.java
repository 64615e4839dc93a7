package io.workerpipe.roster;

import java.io.IOException;

/** A roster that cannot be used. The message, one line, says what is wrong, what was expected and what to do. */
public class RosterException extends IOException {
    private static final long serialVersionUID = 1L;

    /**
     * An exception without a cause.
     *
     * @param message what is wrong, what was expected, what to do
     */
    public RosterException(String message) {
        super(message);
    }

    /**
     * An exception with a cause.
     *
     * @param message what is wrong, what was expected, what to do
     * @param cause   what the system said
     */
    public RosterException(String message, Throwable cause) {
        super(message, cause);
    }
}
