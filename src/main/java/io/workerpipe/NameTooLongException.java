package io.workerpipe;

/** An alert's name is longer than 254 bytes of UTF-8. */
public class NameTooLongException extends IpcException {
    private static final long serialVersionUID = 1L;

    NameTooLongException(String message) {
        super(message);
    }
}
