package io.workerpipe;

/** No live worker of the group has this process id, or the sender of an alert is gone. */
public class NoSuchWorkerException extends IpcException {
    private static final long serialVersionUID = 1L;

    NoSuchWorkerException(String message) {
        super(message);
    }
}
