package io.workerpipe.roster;

import io.workerpipe.linux.Proc;
import java.io.IOException;

/** A process, told from all others that had or will have its pid. */
record Owner(int pid, long startTime) {
    /** This process. */
    static Owner here() throws RosterException {
        try {
            return new Owner(Proc.pid(), Proc.startTime(Proc.pid()));
        } catch (IOException e) {
            throw new RosterException(e.getMessage(), e);
        }
    }

    boolean has(Entry entry) {
        return entry.pid() == pid && entry.startTime() == startTime;
    }
}
