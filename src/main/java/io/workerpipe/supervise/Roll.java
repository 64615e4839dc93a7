package io.workerpipe.supervise;

import java.util.List;

/** Who has joined the group. Asked by the crew's thread. */
public interface Roll {
    /**
     * A live worker of the group.
     *
     * @param pid         its process id
     * @param incarnation tells it from those before with the same
     */
    record Member(long pid, long incarnation) {}

    /**
     * The live workers of the group.
     *
     * @return as they are now
     */
    List<Member> members();
}
