package io.workerpipe.linux;

import io.workerpipe.linux.gen.Linux;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * A file descriptor, closed once whoever closes it. Any thread; but a number can be given to another file as soon as it
 * is closed, so who closes must know that nobody is inside a call on it.
 */
public final class Fd implements AutoCloseable {
    public static final int O_RDONLY = Linux.O_RDONLY();
    public static final int O_WRONLY = Linux.O_WRONLY();
    public static final int O_RDWR = Linux.O_RDWR();
    public static final int O_CREAT = Linux.O_CREAT();
    public static final int O_NONBLOCK = Linux.O_NONBLOCK();
    public static final int O_CLOEXEC = Linux.O_CLOEXEC();
    public static final int O_NOCTTY = Linux.O_NOCTTY();
    public static final int O_NOFOLLOW = Linux.O_NOFOLLOW();

    private static final int CLOSED = -1;
    private static final VarHandle NUMBER;
    static {
        try {
            NUMBER = MethodHandles.lookup().findVarHandle(Fd.class, "number", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private volatile int number;

    Fd(int number) {
        this.number = number;
    }

    /**
     * open(2).
     *
     * @param path  without a NUL byte
     * @param flags without O_CREAT
     */
    public static Fd open(String path, int flags) throws ErrnoException {
        return open(path, flags, 0);
    }

    /** open(2) with the mode of a file that it creates. */
    public static Fd open(String path, int flags, int mode) throws ErrnoException {
        int result = Calls.open(path, flags, mode);
        if (result < 0) {
            throw new ErrnoException("open(" + path + ")", -result);
        }
        return new Fd(result);
    }

    /** The number, or -1 once closed. */
    public int number() {
        return number;
    }

    public boolean isOpen() {
        return number != CLOSED;
    }

    /** Closes it if nobody has. */
    @Override
    public void close() {
        int open = (int) NUMBER.getAndSet(this, CLOSED);
        if (open != CLOSED) {
            Calls.close(open);
        }
    }

    /** read(2): bytes read, 0 at the end, or -errno. Sleeps if the descriptor is blocking. */
    public int read(CallState state, MemorySegment to, long offset, long length) {
        return Calls.read(state, number, to.asSlice(offset, length), length);
    }

    /** write(2): bytes written, or -errno. */
    public int write(CallState state, MemorySegment from, long offset, long length) {
        return Calls.write(state, number, from.asSlice(offset, length), length);
    }

    /** readv(2) into {@code count} vectors; see {@link IoVectors}. */
    public long readv(CallState state, IoVectors vectors, int count) {
        return Calls.readv(state, number, vectors.segment, count);
    }

    /** writev(2) of {@code count} vectors. */
    public long writev(CallState state, IoVectors vectors, int count) {
        return Calls.writev(state, number, vectors.segment, count);
    }

    /** vmsplice(2) of {@code count} vectors into a pipe, without waiting. The pages stay in use: see its man page. */
    public long vmsplice(CallState state, IoVectors vectors, int count) {
        return Calls.vmsplice(state, number, vectors.segment, count, Linux.SPLICE_F_NONBLOCK());
    }

    /** fstat(2). */
    public FileStatus stat() throws ErrnoException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment stat = io.workerpipe.linux.gen.stat.allocate(arena);
            check("fstat", Calls.fstat(number, stat));
            return FileStatus.of(stat);
        }
    }

    /** Makes reads or writes on this file description return EAGAIN instead of sleeping, or sleep again. */
    public void setNonBlocking(boolean on) throws ErrnoException {
        int flags = check("fcntl(F_GETFL)", Calls.fcntl(number, Linux.F_GETFL(), 0));
        check("fcntl(F_SETFL)",
                Calls.fcntl(number, Linux.F_SETFL(), on ? flags | O_NONBLOCK : flags & ~O_NONBLOCK));
    }

    /** flock(2): sleeps until nobody else has the lock. It goes when the descriptor is closed. */
    public void lockExclusive() throws ErrnoException {
        check("flock(LOCK_EX)", Calls.flock(number, Linux.LOCK_EX()));
    }

    int check(String call, int result) throws ErrnoException {
        if (result < 0) {
            throw new ErrnoException(call + " of fd " + number, -result);
        }
        return result;
    }

    @Override
    public String toString() {
        return "fd " + number;
    }
}
