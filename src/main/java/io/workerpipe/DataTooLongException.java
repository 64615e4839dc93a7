package io.workerpipe;

/** An alert's data is longer than 4,294,967,040 bytes, or than an outbox: lend it then, see {@link Ipc#lend}. */
public class DataTooLongException extends IpcException {
    private static final long serialVersionUID = 1L;

    DataTooLongException(String message) {
        super(message);
    }
}
