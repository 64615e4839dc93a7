package io.workerpipe.roster;

/** This process has a slot in the group already, and may have one only. */
public final class AlreadyMemberException extends RosterException {
    private static final long serialVersionUID = 1L;

    AlreadyMemberException(String message) {
        super(message);
    }
}
