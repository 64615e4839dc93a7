package io.workerpipe;

/** Carries what a handler threw to where it is counted and logged. */
final class HandlerFailure extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private HandlerFailure(Exception cause) {
        super(cause.toString(), cause, false, false);
    }

    static RuntimeException of(Exception thrown) {
        return thrown instanceof RuntimeException unchecked ? unchecked : new HandlerFailure(thrown);
    }
}
