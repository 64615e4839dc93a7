package io.workerpipe.linux;

import io.workerpipe.linux.gen.LibC;
import io.workerpipe.linux.gen.pollfd;
import io.workerpipe.linux.gen.stat;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * Safe for any thread, {@link #close()} included: each call with a {@link CallState} of its own.
 *
 * <p>A file descriptor that is closed once. A number that the kernel may have given to somebody else meanwhile is never
 * used: after {@code close()} every call gives {@code -EBADF} without asking the kernel, and a {@code close()} during a
 * call of another thread takes effect when that call returns.
 */
public final class Fd implements AutoCloseable {
    /** Flags of <a href="https://man7.org/linux/man-pages/man2/open.2.html">open(2)</a>: for reading. */
    public static final int O_RDONLY = LibC.O_RDONLY();
    /** For writing. */
    public static final int O_WRONLY = LibC.O_WRONLY();
    /** For both. */
    public static final int O_RDWR = LibC.O_RDWR();
    /** Made if it is not there. */
    public static final int O_CREAT = LibC.O_CREAT();
    /** A terminal does not become the controlling one. */
    public static final int O_NOCTTY = LibC.O_NOCTTY();
    /** Calls do not wait. */
    public static final int O_NONBLOCK = LibC.O_NONBLOCK();
    /** Refused if it is a symbolic link. */
    public static final int O_NOFOLLOW = LibC.O_NOFOLLOW();
    /** Closed in a program that this process starts. */
    public static final int O_CLOEXEC = LibC.O_CLOEXEC();

    /** Flags of <a href="https://man7.org/linux/man-pages/man2/vmsplice.2.html">vmsplice(2)</a>: does not wait. */
    public static final int SPLICE_F_NONBLOCK = LibC.SPLICE_F_NONBLOCK();
    /** The pages are the kernel's for good. */
    public static final int SPLICE_F_GIFT = LibC.SPLICE_F_GIFT();

    /** Events of <a href="https://man7.org/linux/man-pages/man2/poll.2.html">poll(2)</a>: something to read. */
    public static final int POLLIN = LibC.POLLIN();
    /** Room to write. */
    public static final int POLLOUT = LibC.POLLOUT();
    /** An error; for a pipe's write end: nobody can read any more. */
    public static final int POLLERR = LibC.POLLERR();
    /** The other side is gone. */
    public static final int POLLHUP = LibC.POLLHUP();

    private static final VarHandle USE;
    private static final int CLOSED = Integer.MIN_VALUE;

    static {
        try {
            USE = MethodHandles.lookup().findVarHandle(Fd.class, "use", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final int number;
    /** The calls under way; CLOSED is added to them by the one close that counts. */
    private volatile int use;

    private Fd(int number) {
        this.number = number;
    }

    /**
     * Takes over a descriptor: from here on nobody else may close it.
     *
     * @param number an open descriptor
     * @return its owner
     */
    public static Fd adopt(int number) {
        if (number < 0) {
            throw new IllegalArgumentException("no descriptor has the number " + number);
        }
        return new Fd(number);
    }

    /**
     * Opens a file.
     *
     * @param path  its path
     * @param flags {@code O_...}
     * @param mode  the permissions of a file that is made, before the umask
     * @return its descriptor
     * @throws ErrnoException if the kernel refuses
     */
    public static Fd open(String path, int flags, int mode) throws ErrnoException {
        try (Arena arena = Arena.ofConfined()) {
            int result = tryOpen(CallState.allocate(arena), path, flags, mode);
            return adopt(ErrnoException.check(result, "open", path));
        }
    }

    /**
     * Opens a file that is there.
     *
     * @param path  its path
     * @param flags {@code O_...} without {@code O_CREAT}
     * @return its descriptor
     * @throws ErrnoException if the kernel refuses
     */
    public static Fd open(String path, int flags) throws ErrnoException {
        return open(path, flags, 0);
    }

    /**
     * Opens a file that is there; for those who expect a refusal.
     *
     * @param state the caller's
     * @param path  its path
     * @param flags {@code O_...} without {@code O_CREAT}
     * @return the descriptor's number, to be given to {@link #adopt}, or a negative errno
     */
    public static int tryOpen(CallState state, String path, int flags) {
        return tryOpen(state, path, flags, 0);
    }

    private static int tryOpen(CallState state, String path, int flags, int mode) {
        if (path.indexOf('\0') >= 0) {
            throw new IllegalArgumentException("a path cannot hold a NUL character: " + path.replace('\0', '?'));
        }
        try (Arena arena = Arena.ofConfined()) {
            return Syscalls.open(state, arena.allocateFrom(path), flags, mode);
        }
    }

    /**
     * The descriptor's number, for messages and for other processes.
     *
     * @return the number; after {@link #close()} it may be another file's
     */
    public int number() {
        return number;
    }

    /**
     * Whether nobody has closed it.
     *
     * @return false from the first {@link #close()} on
     */
    public boolean isOpen() {
        return use >= 0;
    }

    /** Closes it, once: the second call does nothing. */
    @Override
    public void close() {
        int seen;
        do {
            seen = use;
            if (seen < 0) {
                return;
            }
        } while (!USE.compareAndSet(this, seen, seen | CLOSED));
        if (seen == 0) {
            release();
        }
    }

    /** Whether a call may use the number; {@link #leave()} must follow if so. */
    boolean enter() {
        int seen;
        do {
            seen = use;
            if (seen < 0) {
                return false;
            }
        } while (!USE.compareAndSet(this, seen, seen + 1));
        return true;
    }

    void leave() {
        if ((int) USE.getAndAdd(this, -1) == CLOSED + 1) {
            release();
        }
    }

    private void release() {
        try (Arena arena = Arena.ofConfined()) {
            int result = Syscalls.close(CallState.allocate(arena), number);
            // Whatever else close(2) says, the number is free. EBADF says that somebody closed what was ours.
            assert result != -Errno.EBADF : "descriptor " + number + " was closed by somebody else";
        }
    }

    /**
     * Reads into native memory.
     *
     * @param state  the caller's
     * @param memory where to, native
     * @param offset from which byte of it on
     * @param length how many bytes at most; the kernel moves no more than 2,147,479,552 in a call
     * @return how many bytes came, 0 at the end (of a pipe: nobody can write any more), or a negative errno
     */
    public int read(CallState state, MemorySegment memory, long offset, long length) {
        MemorySegment slice = slice("read", memory, offset, length);
        if (!enter()) {
            return -Errno.EBADF;
        }
        try {
            return Syscalls.read(state, number, slice, length);
        } finally {
            leave();
        }
    }

    /**
     * Writes from native memory.
     *
     * @param state  the caller's
     * @param memory where from, native
     * @param offset from which byte of it on
     * @param length how many bytes at most
     * @return how many bytes went, or a negative errno: {@code -EAGAIN} for a full pipe, {@code -EPIPE} for one that
     *         nobody can read any more
     */
    public int write(CallState state, MemorySegment memory, long offset, long length) {
        MemorySegment slice = slice("write", memory, offset, length);
        if (!enter()) {
            return -Errno.EBADF;
        }
        try {
            return Syscalls.write(state, number, slice, length);
        } finally {
            leave();
        }
    }

    /**
     * Reads into several places.
     *
     * @param state  the caller's
     * @param iovecs the places, as {@link IoVec} wrote them
     * @param count  how many of them, at most 1,024
     * @return how many bytes came, or a negative errno
     */
    public int readv(CallState state, MemorySegment iovecs, int count) {
        IoVec.check(iovecs, count);
        if (!enter()) {
            return -Errno.EBADF;
        }
        try {
            return Syscalls.readv(state, number, iovecs, count);
        } finally {
            leave();
        }
    }

    /**
     * Writes from several places.
     *
     * @param state  the caller's
     * @param iovecs the places, as {@link IoVec} wrote them
     * @param count  how many of them, at most 1,024
     * @return how many bytes went, or a negative errno
     */
    public int writev(CallState state, MemorySegment iovecs, int count) {
        IoVec.check(iovecs, count);
        if (!enter()) {
            return -Errno.EBADF;
        }
        try {
            return Syscalls.writev(state, number, iovecs, count);
        } finally {
            leave();
        }
    }

    /**
     * Puts pages of memory into a pipe without copying them: what is written there afterwards, the reader may see.
     *
     * @param state  the caller's
     * @param iovecs the places, as {@link IoVec} wrote them
     * @param count  how many of them, at most 1,024
     * @param flags  {@code SPLICE_F_...}; a pipe's own O_NONBLOCK counts too
     * @return how many bytes went, or a negative errno
     */
    public int vmsplice(CallState state, MemorySegment iovecs, int count, int flags) {
        IoVec.check(iovecs, count);
        if (!enter()) {
            return -Errno.EBADF;
        }
        try {
            return Syscalls.vmsplice(state, number, iovecs, count, flags);
        } finally {
            leave();
        }
    }

    /**
     * Waits for this descriptor alone.
     *
     * @param state         the caller's
     * @param events        {@code POLL...} to wait for; POLLERR and POLLHUP come unasked
     * @param timeoutMillis how long at most, 0 not at all, negative without limit
     * @return the events that are there, 0 if none is, which a signal can make happen before the time is up, or a
     *         negative errno
     */
    public int poll(CallState state, int events, int timeoutMillis) {
        MemorySegment struct = state.scratch();
        pollfd.fd(struct, number);
        pollfd.events(struct, (short) events);
        pollfd.revents(struct, (short) 0);
        int result = use(fd -> Syscalls.poll(state, struct, 1, timeoutMillis));
        if (Errno.interrupted(result)) {
            return 0;
        }
        return result < 0 ? result : pollfd.revents(struct);
    }

    /**
     * Looks at what is open.
     *
     * @return what the kernel says of it
     * @throws ErrnoException if it is closed
     */
    public FileStatus stat() throws ErrnoException {
        try (Arena arena = Arena.ofConfined()) {
            CallState state = CallState.allocate(arena);
            MemorySegment struct = stat.allocate(arena);
            ErrnoException.check(use(fd -> Syscalls.fstat(state, fd, struct)), "fstat", this);
            return FileStatus.of(struct);
        }
    }

    /**
     * Waits until this process alone has the file locked, see
     * <a href="https://man7.org/linux/man-pages/man2/flock.2.html">flock(2)</a>. Closing it unlocks.
     *
     * @throws ErrnoException if the kernel refuses
     */
    public void lockExclusive() throws ErrnoException {
        try (Arena arena = Arena.ofConfined()) {
            CallState state = CallState.allocate(arena);
            ErrnoException.check(use(fd -> Syscalls.flock(state, fd, LibC.LOCK_EX())), "flock", this);
        }
    }

    /**
     * Says whether calls wait. The setting belongs to what is open, not to the number: it holds for every descriptor
     * that was duplicated from this one.
     *
     * @param nonBlocking true if they give {@code -EAGAIN} instead of waiting
     * @throws ErrnoException if it is closed
     */
    public void setNonBlocking(boolean nonBlocking) throws ErrnoException {
        int flags = ErrnoException.check(fcntl(LibC.F_GETFL(), 0), "fcntl(F_GETFL)", this);
        int wanted = nonBlocking ? flags | O_NONBLOCK : flags & ~O_NONBLOCK;
        ErrnoException.check(fcntl(LibC.F_SETFL(), wanted), "fcntl(F_SETFL)", this);
    }

    /** The call's result, or a negative errno. */
    int fcntl(int command, int argument) {
        try (Arena arena = Arena.ofConfined()) {
            CallState state = CallState.allocate(arena);
            return use(fd -> Syscalls.fcntl(state, fd, command, argument));
        }
    }

    /** A call that is made with the number of an open descriptor. */
    interface Call {
        int make(int number);
    }

    /** Makes a cold call, as the hot ones above make theirs: while the number is sure to be ours. */
    int use(Call call) {
        if (!enter()) {
            return -Errno.EBADF;
        }
        try {
            return call.make(number);
        } finally {
            leave();
        }
    }

    /** Its bounds are checked here: the kernel knows nothing of them. */
    private static MemorySegment slice(String call, MemorySegment memory, long offset, long length) {
        if (!memory.isNative()) {
            throw new IllegalArgumentException(call + " needs native memory, this is a heap segment of "
                    + memory.byteSize() + " bytes");
        }
        return memory.asSlice(offset, length);
    }

    @Override
    public String toString() {
        return "fd " + number + (isOpen() ? "" : " (closed)");
    }
}
