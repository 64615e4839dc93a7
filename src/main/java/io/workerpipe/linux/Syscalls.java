package io.workerpipe.linux;

import io.workerpipe.linux.gen.LibC;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * Safe for any thread, each with a {@link CallState} of its own. The calls, one to one: each gives its result or a
 * negative errno, and those that may wait are made again after EINTR.
 *
 * <p>Each handle has a holder of its own: linking takes milliseconds, so only what is called gets linked. And descriptors
 * of variadic functions are written here, since jextract gives one only with a handle that is linked for it.
 */
final class Syscalls {
    private Syscalls() {}

    static int read(CallState state, int fd, MemorySegment memory, long length) {
        try {
            int result;
            do {
                result = (int) state.result((long) Read.CALL.invokeExact(state.capture(), fd, memory, length));
            } while (Errno.interrupted(result));
            return result;
        } catch (Throwable thrown) {
            throw Link.rethrow(thrown);
        }
    }

    private static final class Read {
        static final MethodHandle CALL = Link.fixed(LibC.read$address(), LibC.read$descriptor());
    }

    static int readv(CallState state, int fd, MemorySegment iovecs, int count) {
        try {
            int result;
            do {
                result = (int) state.result((long) Readv.CALL.invokeExact(state.capture(), fd, iovecs, count));
            } while (Errno.interrupted(result));
            return result;
        } catch (Throwable thrown) {
            throw Link.rethrow(thrown);
        }
    }

    private static final class Readv {
        static final MethodHandle CALL = Link.fixed(LibC.readv$address(), LibC.readv$descriptor());
    }

    static int write(CallState state, int fd, MemorySegment memory, long length) {
        try {
            int result;
            do {
                result = (int) state.result((long) Write.CALL.invokeExact(state.capture(), fd, memory, length));
            } while (Errno.interrupted(result));
            return result;
        } catch (Throwable thrown) {
            throw Link.rethrow(thrown);
        }
    }

    private static final class Write {
        static final MethodHandle CALL = Link.fixed(LibC.write$address(), LibC.write$descriptor());
    }

    static int writev(CallState state, int fd, MemorySegment iovecs, int count) {
        try {
            int result;
            do {
                result = (int) state.result((long) Writev.CALL.invokeExact(state.capture(), fd, iovecs, count));
            } while (Errno.interrupted(result));
            return result;
        } catch (Throwable thrown) {
            throw Link.rethrow(thrown);
        }
    }

    private static final class Writev {
        static final MethodHandle CALL = Link.fixed(LibC.writev$address(), LibC.writev$descriptor());
    }

    static int vmsplice(CallState state, int fd, MemorySegment iovecs, long count, int flags) {
        try {
            int result;
            do {
                result = (int) state
                        .result((long) Vmsplice.CALL.invokeExact(state.capture(), fd, iovecs, count, flags));
            } while (Errno.interrupted(result));
            return result;
        } catch (Throwable thrown) {
            throw Link.rethrow(thrown);
        }
    }

    private static final class Vmsplice {
        static final MethodHandle CALL = Link.fixed(LibC.vmsplice$address(), LibC.vmsplice$descriptor());
    }

    static int open(CallState state, MemorySegment path, int flags, int mode) {
        try {
            int result;
            do {
                result = state.result((int) Open.CALL.invokeExact(state.capture(), path, flags, mode));
            } while (Errno.interrupted(result));
            return result;
        } catch (Throwable thrown) {
            throw Link.rethrow(thrown);
        }
    }

    static final class Open {
        static final FunctionDescriptor DESCRIPTOR = FunctionDescriptor.of(LibC.C_INT, LibC.C_POINTER, LibC.C_INT,
                LibC.C_INT);
        static final MethodHandle CALL = Link.variadic(LibC.open.address(), DESCRIPTOR, 2);
    }

    static int fstat(CallState state, int fd, MemorySegment stat) {
        try {
            return state.result((int) Fstat.CALL.invokeExact(state.capture(), fd, stat));
        } catch (Throwable thrown) {
            throw Link.rethrow(thrown);
        }
    }

    private static final class Fstat {
        static final MethodHandle CALL = Link.fixed(LibC.fstat$address(), LibC.fstat$descriptor());
    }

    static int fcntl(CallState state, int fd, int command, int argument) {
        try {
            return state.result((int) Fcntl.CALL.invokeExact(state.capture(), fd, command, argument));
        } catch (Throwable thrown) {
            throw Link.rethrow(thrown);
        }
    }

    static final class Fcntl {
        static final FunctionDescriptor DESCRIPTOR = FunctionDescriptor.of(LibC.C_INT, LibC.C_INT, LibC.C_INT,
                LibC.C_INT);
        static final MethodHandle CALL = Link.variadic(LibC.fcntl.address(), DESCRIPTOR, 2);
    }

    static int flock(CallState state, int fd, int operation) {
        try {
            int result;
            do {
                result = state.result((int) Flock.CALL.invokeExact(state.capture(), fd, operation));
            } while (Errno.interrupted(result));
            return result;
        } catch (Throwable thrown) {
            throw Link.rethrow(thrown);
        }
    }

    private static final class Flock {
        static final MethodHandle CALL = Link.fixed(LibC.flock$address(), LibC.flock$descriptor());
    }

    static int pipe2(CallState state, MemorySegment fds, int flags) {
        try {
            return state.result((int) Pipe2.CALL.invokeExact(state.capture(), fds, flags));
        } catch (Throwable thrown) {
            throw Link.rethrow(thrown);
        }
    }

    private static final class Pipe2 {
        static final MethodHandle CALL = Link.fixed(LibC.pipe2$address(), LibC.pipe2$descriptor());
    }

    static int epollCreate(CallState state, int flags) {
        try {
            return state.result((int) EpollCreate.CALL.invokeExact(state.capture(), flags));
        } catch (Throwable thrown) {
            throw Link.rethrow(thrown);
        }
    }

    private static final class EpollCreate {
        static final MethodHandle CALL = Link.fixed(LibC.epoll_create1$address(), LibC.epoll_create1$descriptor());
    }

    static int epollControl(CallState state, int epoll, int operation, int fd, MemorySegment event) {
        try {
            return state.result((int) EpollControl.CALL.invokeExact(state.capture(), epoll, operation, fd, event));
        } catch (Throwable thrown) {
            throw Link.rethrow(thrown);
        }
    }

    private static final class EpollControl {
        static final MethodHandle CALL = Link.fixed(LibC.epoll_ctl$address(), LibC.epoll_ctl$descriptor());
    }

    static int epollWait(CallState state, int epoll, MemorySegment events, int capacity, int timeoutMillis) {
        try {
            return state
                    .result((int) EpollWait.CALL.invokeExact(state.capture(), epoll, events, capacity, timeoutMillis));
        } catch (Throwable thrown) {
            throw Link.rethrow(thrown);
        }
    }

    private static final class EpollWait {
        static final MethodHandle CALL = Link.fixed(LibC.epoll_wait$address(), LibC.epoll_wait$descriptor());
    }

    static int eventfd(CallState state, int value, int flags) {
        try {
            return state.result((int) EventFd.CALL.invokeExact(state.capture(), value, flags));
        } catch (Throwable thrown) {
            throw Link.rethrow(thrown);
        }
    }

    private static final class EventFd {
        static final MethodHandle CALL = Link.fixed(LibC.eventfd$address(), LibC.eventfd$descriptor());
    }

    static int poll(CallState state, MemorySegment pollfds, long count, int timeoutMillis) {
        try {
            return state.result((int) Poll.CALL.invokeExact(state.capture(), pollfds, count, timeoutMillis));
        } catch (Throwable thrown) {
            throw Link.rethrow(thrown);
        }
    }

    private static final class Poll {
        static final MethodHandle CALL = Link.fixed(LibC.poll$address(), LibC.poll$descriptor());
    }

    /** Gives the address; those of user space are never negative. */
    static long mmap(CallState state, MemorySegment address, long length, int protection, int flags, int fd,
            long offset) {
        try {
            return state.result(((MemorySegment) Mmap.CALL.invokeExact(state.capture(), address, length, protection,
                    flags, fd, offset)).address());
        } catch (Throwable thrown) {
            throw Link.rethrow(thrown);
        }
    }

    private static final class Mmap {
        static final MethodHandle CALL = Link.fixed(LibC.mmap$address(), LibC.mmap$descriptor());
    }

    static int munmap(CallState state, MemorySegment address, long length) {
        try {
            return state.result((int) Munmap.CALL.invokeExact(state.capture(), address, length));
        } catch (Throwable thrown) {
            throw Link.rethrow(thrown);
        }
    }

    private static final class Munmap {
        static final MethodHandle CALL = Link.fixed(LibC.munmap$address(), LibC.munmap$descriptor());
    }

    static int madvise(CallState state, MemorySegment address, long length, int advice) {
        try {
            return state.result((int) Madvise.CALL.invokeExact(state.capture(), address, length, advice));
        } catch (Throwable thrown) {
            throw Link.rethrow(thrown);
        }
    }

    private static final class Madvise {
        static final MethodHandle CALL = Link.fixed(LibC.madvise$address(), LibC.madvise$descriptor());
    }

    static long sysconf(CallState state, int name) {
        try {
            return state.result((long) Sysconf.CALL.invokeExact(state.capture(), name));
        } catch (Throwable thrown) {
            throw Link.rethrow(thrown);
        }
    }

    private static final class Sysconf {
        static final MethodHandle CALL = Link.fixed(LibC.sysconf$address(), LibC.sysconf$descriptor());
    }

    /** pidfd_open(2) by its number: an older libc has no function for it. */
    static int pidfdOpen(CallState state, int pid, int flags) {
        try {
            return (int) state.result((long) PidfdOpen.CALL.invokeExact(state.capture(),
                    (long) LibC.SYS_pidfd_open(), (long) pid, (long) flags));
        } catch (Throwable thrown) {
            throw Link.rethrow(thrown);
        }
    }

    static final class PidfdOpen {
        static final FunctionDescriptor DESCRIPTOR = FunctionDescriptor.of(LibC.C_LONG, LibC.C_LONG, LibC.C_LONG,
                LibC.C_LONG);
        static final MethodHandle CALL = Link.variadic(LibC.syscall.address(), DESCRIPTOR, 1);
    }

    /** Not made again after EINTR: Linux has released the number by then, and it may be somebody else's. */
    static int close(CallState state, int fd) {
        try {
            return state.result((int) Close.CALL.invokeExact(state.capture(), fd));
        } catch (Throwable thrown) {
            throw Link.rethrow(thrown);
        }
    }

    private static final class Close {
        static final MethodHandle CALL = Link.fixed(LibC.close$address(), LibC.close$descriptor());
    }
}
