package io.workerpipe.linux;

import io.workerpipe.linux.gen.LibC;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Safe for any thread. A pipe whose reading waits and whose writing does not, see
 * <a href="https://man7.org/linux/man-pages/man7/pipe.7.html">pipe(7)</a>.
 */
public final class Pipe implements AutoCloseable {
    private final Fd readEnd;
    private final Fd writeEnd;
    private final long inode;

    private Pipe(Fd readEnd, Fd writeEnd) throws ErrnoException {
        this.readEnd = readEnd;
        this.writeEnd = writeEnd;
        // On this end alone: O_NONBLOCK given to pipe2 would be on both.
        writeEnd.setNonBlocking(true);
        inode = readEnd.stat().inode();
    }

    /**
     * Makes a pipe, both ends closed in programs that this process starts.
     *
     * @return the pipe
     * @throws ErrnoException EMFILE, ENFILE: too many open files
     */
    public static Pipe create() throws ErrnoException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment fds = arena.allocate(LibC.C_INT, 2);
            int result = Syscalls.pipe2(CallState.allocate(arena), fds, LibC.O_CLOEXEC());
            ErrnoException.check(result, "pipe2", "O_CLOEXEC");
            Fd readEnd = Fd.adopt(fds.getAtIndex(LibC.C_INT, 0));
            Fd writeEnd = Fd.adopt(fds.getAtIndex(LibC.C_INT, 1));
            try {
                return new Pipe(readEnd, writeEnd);
            } catch (ErrnoException e) {
                readEnd.close();
                writeEnd.close();
                throw e;
            }
        }
    }

    /**
     * The end that is read.
     *
     * @return its descriptor; reading waits
     */
    public Fd readEnd() {
        return readEnd;
    }

    /**
     * The end that is written.
     *
     * @return its descriptor; writing does not wait
     */
    public Fd writeEnd() {
        return writeEnd;
    }

    /**
     * Opens it once more for reading, with a file description of its own, see
     * <a href="https://man7.org/linux/man-pages/man5/proc_pid_fd.5.html">proc_pid_fd(5)</a>.
     *
     * @return its descriptor, to be closed by the caller; reading does not wait
     * @throws ErrnoException EMFILE, ENFILE: too many open files; ENOENT: there is no /proc
     */
    public Fd openToLook() throws ErrnoException {
        return Fd.open("/proc/self/fd/" + readEnd.number(), Fd.O_RDONLY | Fd.O_NONBLOCK | Fd.O_CLOEXEC);
    }

    /**
     * The pipe's number, the N of {@code pipe:[N]} in /proc/PID/fd.
     *
     * @return its inode number
     */
    public long inode() {
        return inode;
    }

    /**
     * Asks for another size; the kernel rounds up to a power of two of pages.
     *
     * @param bytes how much the pipe is to hold
     * @return the bytes that it holds now, or a negative errno: {@code -EPERM} over what an ordinary user may have
     *         (pipe-max-size, pipe-user-pages-soft), {@code -EBUSY} if more is in it, {@code -EBADF} if it is closed
     */
    public int resize(int bytes) {
        return fcntl(LibC.F_SETPIPE_SZ(), bytes);
    }

    /**
     * How much the pipe holds.
     *
     * @return bytes, or {@code -EBADF} if it is closed
     */
    public int size() {
        return fcntl(LibC.F_GETPIPE_SZ(), 0);
    }

    /**
     * How much a pipe of another process holds.
     *
     * @param end a descriptor of it
     * @return bytes, or a negative errno
     */
    public static int size(Fd end) {
        return end.fcntl(LibC.F_GETPIPE_SZ(), 0);
    }

    private int fcntl(int command, int argument) {
        // Whichever end is still open: both are the same pipe.
        Fd end = readEnd.isOpen() ? readEnd : writeEnd;
        return end.fcntl(command, argument);
    }

    /** Closes both ends. */
    @Override
    public void close() {
        writeEnd.close();
        readEnd.close();
    }
}
