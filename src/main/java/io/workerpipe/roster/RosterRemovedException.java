package io.workerpipe.roster;

/** The last worker left and took the roster's file with him: open it again ({@link Roster#join} does so by itself). */
public final class RosterRemovedException extends RosterException {
    private static final long serialVersionUID = 1L;

    RosterRemovedException(String message) {
        super(message);
    }
}
