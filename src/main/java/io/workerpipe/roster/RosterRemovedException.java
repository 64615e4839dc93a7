package io.workerpipe.roster;

/**
 * The roster's file is not at its place any more. As a rule the last worker left and took it with him: open it again
 * ({@link Roster#join} does so by itself).
 */
public final class RosterRemovedException extends RosterException {
    private static final long serialVersionUID = 1L;

    RosterRemovedException(String message) {
        super(message);
    }
}
