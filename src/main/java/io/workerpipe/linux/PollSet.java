package io.workerpipe.linux;

import io.workerpipe.linux.gen.pollfd;
import java.lang.foreign.Arena;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * Used by one thread at a time. A few descriptors that are waited for together, anew each time, see
 * <a href="https://man7.org/linux/man-pages/man2/poll.2.html">poll(2)</a>; for many that stay there is {@link Epoll}.
 */
public final class PollSet {
    private static final int FIRST_CAPACITY = 8;
    private static final long SIZE = pollfd.sizeof();

    private final List<Fd> fds = new ArrayList<>();
    private MemorySegment structs = allocate(FIRST_CAPACITY);

    /** Makes one that waits for nothing. */
    public PollSet() {}

    private static MemorySegment allocate(int capacity) {
        return Arena.ofAuto().allocate(MemoryLayout.sequenceLayout(capacity, pollfd.layout()));
    }

    /** Takes all descriptors out. */
    public void clear() {
        fds.clear();
    }

    /**
     * Puts a descriptor in, behind the others.
     *
     * @param fd     it may be closed at any time
     * @param events {@link Fd#POLLIN} and the like to wait for; POLLERR and POLLHUP come unasked
     */
    public void add(Fd fd, int events) {
        long at = fds.size() * SIZE;
        if (at == structs.byteSize()) {
            MemorySegment more = allocate(2 * fds.size());
            more.copyFrom(structs);
            structs = more;
        }
        MemorySegment struct = structs.asSlice(at, SIZE);
        pollfd.events(struct, (short) events);
        pollfd.revents(struct, (short) 0);
        fds.add(fd);
    }

    /**
     * Waits until one of them has an event. What is closed while this waits stays open for it; with one that is closed
     * already it does not wait.
     *
     * @param state         the caller's
     * @param timeoutMillis how long at most, 0 not at all, negative without limit
     * @return how many have events, 0 if none has, which a signal can make happen before the time is up, or a negative
     *         errno: {@code -EINVAL} for more descriptors than this process may have open
     */
    public int await(CallState state, int timeoutMillis) {
        int held = 0;
        int closed = 0;
        try {
            for (; held < fds.size(); held++) {
                boolean open = fds.get(held).enter();
                closed += open ? 0 : 1;
                pollfd.fd(struct(held), open ? fds.get(held).number() : -1);
            }
            int result = Syscalls.poll(state, structs, held, closed == 0 ? timeoutMillis : 0);
            return Errno.interrupted(result) ? closed : result < 0 ? result : result + closed;
        } finally {
            while (held > 0) {
                held--;
                if (pollfd.fd(struct(held)) >= 0) {
                    fds.get(held).leave();
                }
            }
        }
    }

    /**
     * What the last {@link #await} found.
     *
     * @param index of a descriptor, in the order in which they were put in
     * @return its events; POLLERR if it was closed
     */
    public int events(int index) {
        if (index >= fds.size()) {
            throw new IndexOutOfBoundsException(index + " of " + fds.size() + " descriptors");
        }
        MemorySegment struct = struct(index);
        return pollfd.fd(struct) < 0 ? Fd.POLLERR : pollfd.revents(struct);
    }

    private MemorySegment struct(int index) {
        return structs.asSlice(index * SIZE, SIZE);
    }
}
