package io.workerpipe.loop;

import io.workerpipe.linux.CallState;
import io.workerpipe.linux.Errno;
import io.workerpipe.linux.Pipe;
import io.workerpipe.wire.Packet;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Whether many pages may go into one write. Any thread.
 *
 * <p>POSIX promises that a write of at most PIPE_BUF (4,096) bytes is atomic. Linux keeps more: a non-blocking write
 * whose length is a multiple of the page size is cut only at multiples of it, since a pipe's buffers are whole pages
 * (pipe(7), fs/pipe.c). That is looked at once on a pipe of our own, and again at every short count: one that does not
 * keep the rule turns many-page writes off for good.
 */
public final class PageWrites {
    private static final System.Logger LOG = Log.get();

    private volatile boolean many;

    PageWrites(boolean many) {
        this.many = many;
    }

    /**
     * Tries the rule on a pipe in which half a page lies already.
     *
     * @return what is known from now on
     * @throws IOException if there is no descriptor left for a pipe
     */
    public static PageWrites checked() throws IOException {
        try (Arena arena = Arena.ofConfined(); Pipe pipe = Pipe.create()) {
            CallState calls = CallState.allocate(arena);
            if (pipe.resize(2 * Packet.PAGE) != 2 * Packet.PAGE) {
                return new PageWrites(false);
            }
            MemorySegment pages = arena.allocate(4L * Packet.PAGE);
            int half = pipe.writeEnd().write(calls, pages, 0, Packet.PAGE / 2);
            int whole = pipe.writeEnd().write(calls, pages, 0, 4 * Packet.PAGE);
            int full = pipe.writeEnd().write(calls, pages, 0, 2 * Packet.PAGE);
            return new PageWrites(half == Packet.PAGE / 2 && whole == Packet.PAGE && full == -Errno.EAGAIN);
        }
    }

    /**
     * Whether many pages may go into one write.
     *
     * @return false where each write is to be one page
     */
    public boolean many() {
        return many;
    }

    /** Looks at what a write of {@code length} bytes took. */
    void check(int length, int taken) {
        if (taken == length || taken % Packet.PAGE == 0 && length > Packet.PAGE) {
            return;
        }
        if (!many) {
            // Said already.
            return;
        }
        many = false;
        LOG.log(System.Logger.Level.ERROR,
                "a pipe took {0} of {1} bytes, not a multiple of {2}: a packet may be torn. From now on each write is one packet page.",
                taken, length, Packet.PAGE);
    }
}
