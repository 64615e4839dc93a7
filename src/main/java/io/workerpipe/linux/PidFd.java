package io.workerpipe.linux;

/** Descriptors of processes: readable once the process has ended, even while it is a zombie. See pidfd_open(2). */
public final class PidFd {
    private PidFd() {}

    /** @throws ErrnoException ESRCH: no such process */
    public static Fd open(int pid) throws ErrnoException {
        int result = Calls.pidfdOpen(pid, 0);
        if (result < 0) {
            throw new ErrnoException("pidfd_open(" + pid + ")", -result);
        }
        return new Fd(result);
    }
}
