package io.workerpipe;

/** The worker is there, but its inbox cannot be opened. The message says what the kernel looks at. */
public class WorkerUnreachableException extends IpcException {
    private static final long serialVersionUID = 1L;

    WorkerUnreachableException(String message) {
        super(message);
    }

    WorkerUnreachableException(String message, Throwable cause) {
        super(message, cause);
    }
}
