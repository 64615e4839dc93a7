package io.workerpipe.roster;

/** All slots of a group are taken by processes that are alive; the message has the figures. */
public final class RosterFullException extends RosterException {
    private static final long serialVersionUID = 1L;

    RosterFullException(String message) {
        super(message);
    }
}
