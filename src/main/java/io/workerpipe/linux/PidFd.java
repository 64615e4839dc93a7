package io.workerpipe.linux;

import java.lang.foreign.Arena;

/**
 * Safe for any thread. A descriptor that stands for a process and becomes readable when it ends, see
 * <a href="https://man7.org/linux/man-pages/man2/pidfd_open.2.html">pidfd_open(2)</a>.
 */
public final class PidFd {
    private PidFd() {}

    /**
     * Takes hold of a process: what has this number later is not meant. It is closed in programs that this one starts.
     *
     * @param pid the process's number
     * @return readable ({@link Epoll#IN}) once the process has ended, also while it is a zombie
     * @throws ErrnoException {@link #saysGone}: there is no such process; ENOSYS: Linux is older than 5.3; EPERM: a
     *                        container's seccomp filter forbids it
     */
    public static Fd open(int pid) throws ErrnoException {
        try (Arena arena = Arena.ofConfined()) {
            int result = Syscalls.pidfdOpen(CallState.allocate(arena), pid, 0);
            return Fd.adopt(ErrnoException.check(result, "pidfd_open", pid));
        }
    }

    /**
     * Whether {@link #open} failed since there is no such process: or the number is a thread's of another one by now.
     *
     * @param failed what it threw, for a number over 0
     * @return true for ESRCH, EINVAL, and what newer kernels say of threads, ENOENT
     */
    public static boolean saysGone(ErrnoException failed) {
        return failed.errno() == Errno.ESRCH || failed.errno() == Errno.EINVAL || failed.errno() == Errno.ENOENT;
    }

    /**
     * Whether the process has ended, without waiting.
     *
     * @param pidFd from {@link #open}
     * @return true also for a zombie; false in doubt
     */
    public static boolean hasEnded(Fd pidFd) {
        try (Arena arena = Arena.ofConfined()) {
            int events = pidFd.poll(CallState.allocate(arena), Fd.POLLIN, 0);
            return events > 0 && (events & Fd.POLLIN) != 0;
        }
    }
}
