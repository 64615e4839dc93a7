package io.workerpipe.linux;

import io.workerpipe.linux.gen.Linux;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** An eventfd(2) that wakes whoever waits for it. Any thread signals; one thread drains. */
public final class EventFd implements AutoCloseable {
    private final Fd fd;
    private final MemorySegment one = Arena.ofAuto().allocateFrom(ValueLayout.JAVA_LONG, 1);
    private final MemorySegment drained = Arena.ofAuto().allocate(ValueLayout.JAVA_LONG);
    private final CallState drainState = CallState.allocate(Arena.ofAuto());

    private EventFd(Fd fd) {
        this.fd = fd;
    }

    public static EventFd create() throws ErrnoException {
        int result = Calls.eventfd(0, Linux.EFD_CLOEXEC() | Linux.EFD_NONBLOCK());
        if (result < 0) {
            throw new ErrnoException("eventfd", -result);
        }
        return new EventFd(new Fd(result));
    }

    public Fd fd() {
        return fd;
    }

    public boolean isOpen() {
        return fd.isOpen();
    }

    /** Makes it readable. */
    public void signal() {
        try (Arena arena = Arena.ofConfined()) {
            fd.write(CallState.allocate(arena), one, 0, Long.BYTES);
        }
    }

    /** Makes it unreadable again. */
    public void drain() {
        fd.read(drainState, drained, 0, Long.BYTES);
    }

    @Override
    public void close() {
        fd.close();
    }
}
