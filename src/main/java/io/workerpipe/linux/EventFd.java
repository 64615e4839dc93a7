package io.workerpipe.linux;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.workerpipe.linux.gen.LibC;
import java.lang.foreign.Arena;

/**
 * Safe for any thread, each call with a {@link CallState} of its own. A bell: signals add up until they are drained, see
 * <a href="https://man7.org/linux/man-pages/man2/eventfd.2.html">eventfd(2)</a>.
 */
public final class EventFd implements AutoCloseable {
    private final Fd fd;

    private EventFd(Fd fd) {
        this.fd = fd;
    }

    /**
     * Makes a bell that nobody has rung.
     *
     * @return the bell
     * @throws ErrnoException EMFILE, ENFILE: too many open files
     */
    public static EventFd create() throws ErrnoException {
        try (Arena arena = Arena.ofConfined()) {
            int flags = LibC.EFD_CLOEXEC() | LibC.EFD_NONBLOCK();
            int result = Syscalls.eventfd(CallState.allocate(arena), 0, flags);
            return new EventFd(Fd.adopt(ErrnoException.check(result, "eventfd", "EFD_NONBLOCK")));
        }
    }

    /**
     * Its descriptor, for an {@link Epoll}: readable from a signal to the next drain.
     *
     * @return the descriptor
     */
    public Fd fd() {
        return fd;
    }

    /**
     * Rings it.
     *
     * @param state the caller's
     * @return 0, or {@code -EBADF} if it is closed
     */
    public int signal(CallState state) {
        state.scratch().set(JAVA_LONG, 0, 1);
        int result = fd.write(state, state.scratch(), 0, Long.BYTES);
        // EAGAIN: it holds as many signals as it can, so it rings already.
        return result == -Errno.EAGAIN ? 0 : Math.min(result, 0);
    }

    /**
     * Makes it quiet.
     *
     * @param state the caller's
     * @return how often it was rung since the last drain, 0 if not at all, or {@code -EBADF} if it is closed
     */
    public long drain(CallState state) {
        int result = fd.read(state, state.scratch(), 0, Long.BYTES);
        if (result < 0) {
            return result == -Errno.EAGAIN ? 0 : result;
        }
        return state.scratch().get(JAVA_LONG, 0);
    }

    /** Closes it. */
    @Override
    public void close() {
        fd.close();
    }
}
