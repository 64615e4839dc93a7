package io.workerpipe.loop;

import io.workerpipe.roster.Entry;

/** A lent alert that could not be written to its end: its receiver is gone, or this process left the group. */
public final class LostWithReceiver extends Exception {
    private static final long serialVersionUID = 1L;

    LostWithReceiver(Entry receiver, boolean started) {
        super("worker " + receiver.pid() + " (slot " + receiver.slot() + ") was gone before the lent alert was "
                + (started ? "written to its end" : "begun"));
    }
}
