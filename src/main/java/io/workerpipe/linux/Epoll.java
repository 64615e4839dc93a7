package io.workerpipe.linux;

import io.workerpipe.linux.gen.LibC;
import io.workerpipe.linux.gen.epoll_data;
import io.workerpipe.linux.gen.epoll_event;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Objects;

/**
 * One thread waits and reads the results; any thread may add, modify, remove and close.
 *
 * <p>Waits for many descriptors at once, level-triggered, see
 * <a href="https://man7.org/linux/man-pages/man7/epoll.7.html">epoll(7)</a>. A descriptor that is closed leaves by
 * itself once nothing else has the same file open.
 */
public final class Epoll implements AutoCloseable {
    /** Something to read. */
    public static final int IN = LibC.EPOLLIN();
    /** Room to write. */
    public static final int OUT = LibC.EPOLLOUT();
    /** An error; for a pipe's write end: nobody can read any more. Comes unasked. */
    public static final int ERR = LibC.EPOLLERR();
    /** The other side is gone. Comes unasked. */
    public static final int HUP = LibC.EPOLLHUP();

    /** Results of one waiting; what does not fit comes with the next. */
    private static final int CAPACITY = 256;

    // The struct is packed on x86-64 (12 bytes), so its long is not aligned: all of it is the bindings' business.
    private static final long SIZE = epoll_event.sizeof();
    private static final ValueLayout.OfInt EVENTS = epoll_event.events$layout();
    private static final long EVENTS_AT = epoll_event.events$offset();
    private static final ValueLayout.OfLong DATA = epoll_data.u64$layout().withByteAlignment(1);
    private static final long DATA_AT = epoll_event.data$offset() + epoll_data.u64$offset();

    private final Fd epoll;
    private final MemorySegment results;
    private int ready;

    private Epoll(Fd epoll) {
        this.epoll = epoll;
        results = Arena.ofAuto().allocate(epoll_event.layout().byteSize() * CAPACITY);
    }

    /**
     * Makes an epoll.
     *
     * @return one that waits for nothing yet
     * @throws ErrnoException EMFILE, ENFILE: too many open files
     */
    public static Epoll create() throws ErrnoException {
        try (Arena arena = Arena.ofConfined()) {
            int result = Syscalls.epollCreate(CallState.allocate(arena), LibC.EPOLL_CLOEXEC());
            return new Epoll(Fd.adopt(ErrnoException.check(result, "epoll_create1", "EPOLL_CLOEXEC")));
        }
    }

    /**
     * Waits for a descriptor from now on.
     *
     * @param fd     the descriptor
     * @param events what for: {@link #IN}, {@link #OUT}, both, or 0 for errors alone
     * @param data   what {@link #data} is to give for it
     * @throws ErrnoException EEXIST: it is there already; ENOSPC: the user waits for too many
     */
    public void add(Fd fd, int events, long data) throws ErrnoException {
        ErrnoException.check(control(LibC.EPOLL_CTL_ADD(), fd, events, data), "epoll_ctl(ADD)", fd);
    }

    /**
     * Waits for something else of a descriptor.
     *
     * @param fd     the descriptor
     * @param events what for, instead of what was said before
     * @param data   what {@link #data} is to give for it
     * @return 0, or a negative errno: {@code -ENOENT} if it is not there
     */
    public int modify(Fd fd, int events, long data) {
        return control(LibC.EPOLL_CTL_MOD(), fd, events, data);
    }

    /**
     * No longer waits for a descriptor. What was found before may still be among the results.
     *
     * @param fd the descriptor
     * @return 0, or a negative errno: {@code -ENOENT} if it is not there
     */
    public int remove(Fd fd) {
        return control(LibC.EPOLL_CTL_DEL(), fd, 0, 0);
    }

    private int control(int operation, Fd fd, int events, long data) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment event = arena.allocate(epoll_event.layout());
            event.set(EVENTS, EVENTS_AT, events);
            event.set(DATA, DATA_AT, data);
            CallState state = CallState.allocate(arena);
            return epoll.use(own -> fd.use(number -> Syscalls.epollControl(state, own, operation, number, event)));
        }
    }

    /**
     * Waits until something happens.
     *
     * @param state         the caller's
     * @param timeoutMillis how long at most, 0 not at all, negative without limit
     * @return how many results there are, 0 if none, which a signal can make happen before the time is up, or a negative
     *         errno; {@code -EBADF}: it is closed
     */
    public int await(CallState state, int timeoutMillis) {
        ready = 0;
        int result = epoll.use(own -> Syscalls.epollWait(state, own, results, CAPACITY, timeoutMillis));
        if (Errno.interrupted(result)) {
            return 0;
        }
        ready = Math.max(result, 0);
        return result;
    }

    /**
     * What happened.
     *
     * @param index which result of the last {@link #await}
     * @return {@link #IN}, {@link #OUT}, {@link #ERR}, {@link #HUP}
     */
    public int events(int index) {
        return results.get(EVENTS, Objects.checkIndex(index, ready) * SIZE + EVENTS_AT);
    }

    /**
     * Whose it is.
     *
     * @param index which result of the last {@link #await}
     * @return what was given with the descriptor
     */
    public long data(int index) {
        return results.get(DATA, Objects.checkIndex(index, ready) * SIZE + DATA_AT);
    }

    /** Closes it; one that waits meanwhile is not woken. */
    @Override
    public void close() {
        epoll.close();
    }
}
