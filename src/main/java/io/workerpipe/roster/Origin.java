package io.workerpipe.roster;

import io.workerpipe.linux.Proc;
import java.io.IOException;

/** Where a pid means something: one boot of one machine, and one pid namespace. */
record Origin(String bootId, long pidNamespace) {
    /** Where this process is. */
    static Origin here() throws RosterException {
        try {
            return new Origin(Proc.bootId(), Proc.pidNamespace());
        } catch (IOException e) {
            throw new RosterException(e.getMessage(), e);
        }
    }
}
