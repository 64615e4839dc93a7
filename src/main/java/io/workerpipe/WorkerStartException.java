package io.workerpipe;

/** A supervisor's command cannot be run. The message says which, and why. */
public class WorkerStartException extends IpcException {
    private static final long serialVersionUID = 1L;

    /** Whether there is no such program. */
    private final boolean notFound;

    WorkerStartException(String message, boolean notFound, Throwable cause) {
        super(message, cause);
        this.notFound = notFound;
    }

    /**
     * Whether there is no such program.
     *
     * @return false: it is there, but cannot be run
     */
    public boolean isNotFound() {
        return notFound;
    }
}
