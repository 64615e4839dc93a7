package io.workerpipe;

/** The group could not be joined. The message says what was found, what was expected and what to do. */
public class JoinException extends IpcException {
    private static final long serialVersionUID = 1L;

    JoinException(String message) {
        super(message);
    }

    JoinException(String message, Throwable cause) {
        super(message, cause);
    }
}
