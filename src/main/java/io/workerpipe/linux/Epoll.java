package io.workerpipe.linux;

import io.workerpipe.linux.gen.Linux;
import io.workerpipe.linux.gen.epoll_event;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** An epoll(7) instance, level-triggered. One thread waits; any thread adds, modifies and removes. */
public final class Epoll implements AutoCloseable {
    public static final int IN = Linux.EPOLLIN();
    public static final int OUT = Linux.EPOLLOUT();
    /** Always reported: for a write end, that nobody reads the pipe any more. */
    public static final int ERR = Linux.EPOLLERR();
    public static final int HUP = Linux.EPOLLHUP();

    /** The union's u64. struct epoll_event is packed on x86-64 alone, so it lies at 4 there and at 8 elsewhere. */
    private static final ValueLayout.OfLong DATA = ValueLayout.JAVA_LONG_UNALIGNED;

    private static final int MAX_EVENTS = 64;

    private final Fd fd;
    private final MemorySegment events = epoll_event.allocateArray(MAX_EVENTS, Arena.ofAuto());

    private Epoll(Fd fd) {
        this.fd = fd;
    }

    public static Epoll create() throws ErrnoException {
        int result = Calls.epollCreate(Linux.EPOLL_CLOEXEC());
        if (result < 0) {
            throw new ErrnoException("epoll_create1", -result);
        }
        return new Epoll(new Fd(result));
    }

    /** @param data comes back with each event */
    public void add(Fd watched, int interest, long data) throws ErrnoException {
        watched.check("epoll_ctl(ADD)", control(Linux.EPOLL_CTL_ADD(), watched, interest, data));
    }

    /** 0, or -errno: ENOENT or EBADF when it is closed already. */
    public int modify(Fd watched, int interest, long data) {
        return control(Linux.EPOLL_CTL_MOD(), watched, interest, data);
    }

    /** 0, or -errno: ENOENT or EBADF when it is closed already. */
    public int remove(Fd watched) {
        return control(Linux.EPOLL_CTL_DEL(), watched, 0, 0);
    }

    private int control(int operation, Fd watched, int interest, long data) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment event = epoll_event.allocate(arena);
            epoll_event.events(event, interest);
            event.set(DATA, epoll_event.data$offset(), data);
            return Calls.epollCtl(CallState.allocate(arena), fd.number(), operation, watched.number(), event);
        }
    }

    /**
     * epoll_wait(2): how many events there are, or -errno.
     *
     * @param timeoutMillis 0: do not wait; -1: as long as it takes
     */
    public int await(CallState state, int timeoutMillis) {
        return Calls.epollWait(state, fd.number(), events, MAX_EVENTS, timeoutMillis);
    }

    /** What happened, of an event of the last {@link #await}. */
    public int events(int index) {
        return epoll_event.events(epoll_event.asSlice(events, index));
    }

    /** The data given with the descriptor, of an event of the last {@link #await}. */
    public long data(int index) {
        return events.get(DATA, index * epoll_event.sizeof() + epoll_event.data$offset());
    }

    @Override
    public void close() {
        fd.close();
    }
}
