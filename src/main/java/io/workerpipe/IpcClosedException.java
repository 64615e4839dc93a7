package io.workerpipe;

/** This process has left the group, or is leaving it. */
public class IpcClosedException extends IpcException {
    private static final long serialVersionUID = 1L;

    IpcClosedException(String message) {
        super(message);
    }
}
