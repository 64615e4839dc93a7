package io.workerpipe.linux;

import io.workerpipe.linux.gen.Linux;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Both ends of a pipe; see pipe(7). The read end sleeps, the write end never does; both are closed on exec. */
public final class Pipe implements AutoCloseable {
    private final Fd readEnd;
    private final Fd writeEnd;

    private Pipe(Fd readEnd, Fd writeEnd) {
        this.readEnd = readEnd;
        this.writeEnd = writeEnd;
    }

    /** pipe2(2). */
    public static Pipe create() throws ErrnoException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment ends = arena.allocate(ValueLayout.JAVA_INT, 2);
            int result = Calls.pipe2(ends, Linux.O_CLOEXEC());
            if (result < 0) {
                throw new ErrnoException("pipe2", -result);
            }
            Pipe pipe = new Pipe(new Fd(ends.getAtIndex(ValueLayout.JAVA_INT, 0)),
                    new Fd(ends.getAtIndex(ValueLayout.JAVA_INT, 1)));
            pipe.writeEnd.setNonBlocking(true);
            return pipe;
        }
    }

    public Fd readEnd() {
        return readEnd;
    }

    public Fd writeEnd() {
        return writeEnd;
    }

    /** The number that names the pipe in /proc: {@code pipe:[inode]}. */
    public long inode() throws ErrnoException {
        return readEnd.stat().inode();
    }

    /** Bytes that the pipe can hold. */
    public int size() throws ErrnoException {
        return readEnd.check("fcntl(F_GETPIPE_SZ)", Calls.fcntl(readEnd.number(), Linux.F_GETPIPE_SZ(), 0));
    }

    /** Asks for another size: the size got, or -errno. EPERM: the user's limit is reached (pipe-user-pages-soft). */
    public int resize(int bytes) {
        return Calls.fcntl(readEnd.number(), Linux.F_SETPIPE_SZ(), bytes);
    }

    @Override
    public void close() {
        readEnd.close();
        writeEnd.close();
    }
}
