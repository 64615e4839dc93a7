package io.workerpipe.linux;

import io.workerpipe.linux.gen.Linux;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * The system calls, linked with errno capture. Any thread; the {@link CallState} is the caller's.
 *
 * <p>Each returns the result, or {@code -errno}. EINTR is retried here and nowhere else. A holder class each, since
 * linking costs milliseconds: only what is called gets linked. Address and types come from what jextract generated, but
 * its own handles do not capture errno. Never {@link Linker.Option#critical}: calls that may sleep would stop the JVM's
 * safepoints.
 */
final class Calls {
    private Calls() {}

    private static MethodHandle link(MemorySegment address, FunctionDescriptor descriptor) {
        return Linker.nativeLinker().downcallHandle(address, descriptor, Linker.Option.captureCallState("errno"));
    }

    private static MethodHandle linkVariadic(MemorySegment address, FunctionDescriptor descriptor, int fixed) {
        return Linker.nativeLinker().downcallHandle(address, descriptor, Linker.Option.captureCallState("errno"),
                Linker.Option.firstVariadicArg(fixed));
    }

    private static final class Read {
        static final MethodHandle READ = link(Linux.read$address(), Linux.read$descriptor());
    }

    private static final class Write {
        static final MethodHandle WRITE = link(Linux.write$address(), Linux.write$descriptor());
    }

    private static final class Vectors {
        static final MethodHandle READV = link(Linux.readv$address(), Linux.readv$descriptor());
        static final MethodHandle WRITEV = link(Linux.writev$address(), Linux.writev$descriptor());
    }

    private static final class Vmsplice {
        static final MethodHandle VMSPLICE = link(Linux.vmsplice$address(), Linux.vmsplice$descriptor());
    }

    private static final class Open {
        private static final Linux.open WITHOUT_MODE = Linux.open.makeInvoker();
        private static final Linux.open WITH_MODE = Linux.open.makeInvoker(Linux.C_INT);
        static final MethodHandle OPEN = linkVariadic(Linux.open.address(), WITHOUT_MODE.descriptor(), 2);
        static final MethodHandle CREATE = linkVariadic(Linux.open.address(), WITH_MODE.descriptor(), 2);
    }

    private static final class Close {
        static final MethodHandle CLOSE = link(Linux.close$address(), Linux.close$descriptor());
    }

    private static final class Pipe2 {
        static final MethodHandle PIPE2 = link(Linux.pipe2$address(), Linux.pipe2$descriptor());
    }

    private static final class Fcntl {
        private static final Linux.fcntl INVOKER = Linux.fcntl.makeInvoker(Linux.C_INT);
        static final MethodHandle FCNTL = linkVariadic(Linux.fcntl.address(), INVOKER.descriptor(), 2);
    }

    private static final class Fstat {
        static final MethodHandle FSTAT = link(Linux.fstat$address(), Linux.fstat$descriptor());
    }

    private static final class Flock {
        static final MethodHandle FLOCK = link(Linux.flock$address(), Linux.flock$descriptor());
    }

    private static final class EpollCreate {
        static final MethodHandle EPOLL_CREATE1 = link(Linux.epoll_create1$address(), Linux.epoll_create1$descriptor());
    }

    private static final class EpollCtl {
        static final MethodHandle EPOLL_CTL = link(Linux.epoll_ctl$address(), Linux.epoll_ctl$descriptor());
    }

    private static final class EpollWait {
        static final MethodHandle EPOLL_WAIT = link(Linux.epoll_wait$address(), Linux.epoll_wait$descriptor());
    }

    private static final class Eventfd {
        static final MethodHandle EVENTFD = link(Linux.eventfd$address(), Linux.eventfd$descriptor());
    }

    private static final class PidfdOpen {
        private static final Linux.syscall INVOKER = Linux.syscall.makeInvoker(Linux.C_INT, Linux.C_INT);
        static final MethodHandle SYSCALL = linkVariadic(Linux.syscall.address(), INVOKER.descriptor(), 1);
    }

    private static final class Mmap {
        static final MethodHandle MMAP = link(Linux.mmap$address(), Linux.mmap$descriptor());
        static final MethodHandle MUNMAP = link(Linux.munmap$address(), Linux.munmap$descriptor());
    }

    private static final class Madvise {
        static final MethodHandle MADVISE = link(Linux.madvise$address(), Linux.madvise$descriptor());
    }

    private static final class Sysconf {
        static final MethodHandle SYSCONF = link(Linux.sysconf$address(), Linux.sysconf$descriptor());
    }

    private static long result(CallState state, long returned) {
        return returned >= 0 ? returned : -state.errno();
    }

    /** Nothing but an Error can come out of a downcall with the right types. */
    private static AssertionError unexpected(Throwable e) {
        if (e instanceof RuntimeException runtime) {
            // A segment that is not native, or whose arena is closed.
            throw runtime;
        }
        if (e instanceof Error error) {
            throw error;
        }
        return new AssertionError(e);
    }

    static int read(CallState state, int fd, MemorySegment to, long length) {
        long result;
        do {
            try {
                result = result(state, (long) Read.READ.invokeExact(state.segment, fd, to, length));
            } catch (Throwable e) {
                throw unexpected(e);
            }
        } while (result == -Errno.EINTR);
        return (int) result;
    }

    static int write(CallState state, int fd, MemorySegment from, long length) {
        long result;
        do {
            try {
                result = result(state, (long) Write.WRITE.invokeExact(state.segment, fd, from, length));
            } catch (Throwable e) {
                throw unexpected(e);
            }
        } while (result == -Errno.EINTR);
        return (int) result;
    }

    static long readv(CallState state, int fd, MemorySegment vectors, int count) {
        long result;
        do {
            try {
                result = result(state, (long) Vectors.READV.invokeExact(state.segment, fd, vectors, count));
            } catch (Throwable e) {
                throw unexpected(e);
            }
        } while (result == -Errno.EINTR);
        return result;
    }

    static long writev(CallState state, int fd, MemorySegment vectors, int count) {
        long result;
        do {
            try {
                result = result(state, (long) Vectors.WRITEV.invokeExact(state.segment, fd, vectors, count));
            } catch (Throwable e) {
                throw unexpected(e);
            }
        } while (result == -Errno.EINTR);
        return result;
    }

    static long vmsplice(CallState state, int fd, MemorySegment vectors, long count, int flags) {
        long result;
        do {
            try {
                result = result(state, (long) Vmsplice.VMSPLICE.invokeExact(state.segment, fd, vectors, count, flags));
            } catch (Throwable e) {
                throw unexpected(e);
            }
        } while (result == -Errno.EINTR);
        return result;
    }

    static int epollWait(CallState state, int epoll, MemorySegment events, int count, int timeoutMillis) {
        int result;
        do {
            try {
                result = (int) result(state,
                        (int) EpollWait.EPOLL_WAIT.invokeExact(state.segment, epoll, events, count, timeoutMillis));
            } catch (Throwable e) {
                throw unexpected(e);
            }
        } while (result == -Errno.EINTR);
        return result;
    }

    static int epollCtl(CallState state, int epoll, int operation, int fd, MemorySegment event) {
        try {
            return (int) result(state,
                    (int) EpollCtl.EPOLL_CTL.invokeExact(state.segment, epoll, operation, fd, event));
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    // ------------------------------------------------- calls off the hot path: a call state each

    /** A call that makes its own call state, retried on EINTR. */
    private static long cold(Cold call) {
        try (Arena arena = Arena.ofConfined()) {
            CallState state = CallState.allocate(arena);
            long result;
            do {
                result = result(state, call.invoke(state.segment));
            } while (result == -Errno.EINTR);
            return result;
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    private interface Cold {
        long invoke(MemorySegment state) throws Throwable;
    }

    static int open(String path, int flags, int mode) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment name = arena.allocateFrom(path);
            return (int) cold(state -> (flags & Fd.O_CREAT) == 0
                    ? (int) Open.OPEN.invokeExact(state, name, flags)
                    : (int) Open.CREATE.invokeExact(state, name, flags, mode));
        }
    }

    /** Not retried: on Linux the descriptor is gone even after EINTR, see close(2). */
    static void close(int fd) {
        try (Arena arena = Arena.ofConfined()) {
            int ignored = (int) Close.CLOSE.invokeExact(CallState.allocate(arena).segment, fd);
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    static int pipe2(MemorySegment fds, int flags) {
        return (int) cold(state -> (int) Pipe2.PIPE2.invokeExact(state, fds, flags));
    }

    static int fcntl(int fd, int command, int argument) {
        return (int) cold(state -> (int) Fcntl.FCNTL.invokeExact(state, fd, command, argument));
    }

    static int fstat(int fd, MemorySegment stat) {
        return (int) cold(state -> (int) Fstat.FSTAT.invokeExact(state, fd, stat));
    }

    static int flock(int fd, int operation) {
        return (int) cold(state -> (int) Flock.FLOCK.invokeExact(state, fd, operation));
    }

    static int epollCreate(int flags) {
        return (int) cold(state -> (int) EpollCreate.EPOLL_CREATE1.invokeExact(state, flags));
    }

    static int eventfd(int count, int flags) {
        return (int) cold(state -> (int) Eventfd.EVENTFD.invokeExact(state, count, flags));
    }

    /** pidfd_open(2), by its number: the C library's wrapper came with glibc 2.36. */
    static int pidfdOpen(int pid, int flags) {
        return (int) cold(
                state -> (long) PidfdOpen.SYSCALL.invokeExact(state, (long) Linux.SYS_pidfd_open(), pid, flags));
    }

    /** An address, or -errno: no mapping lies in the last page of the address space. */
    static long mmap(long length, int protection, int flags) {
        try (Arena arena = Arena.ofConfined()) {
            CallState state = CallState.allocate(arena);
            MemorySegment at = (MemorySegment) Mmap.MMAP.invokeExact(state.segment, MemorySegment.NULL, length,
                    protection, flags, -1, 0L);
            return at.address() == -1 ? -state.errno() : at.address();
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    static int munmap(MemorySegment memory, long length) {
        return (int) cold(state -> (int) Mmap.MUNMAP.invokeExact(state, memory, length));
    }

    static int madvise(MemorySegment memory, long length, int advice) {
        return (int) cold(state -> (int) Madvise.MADVISE.invokeExact(state, memory, length, advice));
    }

    static long sysconf(int name) {
        return cold(state -> (long) Sysconf.SYSCONF.invokeExact(state, name));
    }
}
