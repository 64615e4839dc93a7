package io.workerpipe.loop;

import io.workerpipe.linux.ErrnoException;
import io.workerpipe.linux.Errno;
import io.workerpipe.linux.Fd;
import io.workerpipe.linux.FileStatus;
import io.workerpipe.linux.Identity;
import io.workerpipe.linux.Proc;
import io.workerpipe.linux.ProcessId;
import io.workerpipe.roster.Entry;
import java.io.IOException;

/** Opens another worker's inbox for writing, through /proc; see proc_pid_fd(5). */
final class RemoteInbox {
    private RemoteInbox() {}

    private static String hindrance(Entry worker) {
        try {
            String seen = Identity.of("self").hindrance(Identity.of(Integer.toString(worker.pid())));
            return seen.isEmpty()
                    ? "another user namespace, or a security module (AppArmor, SELinux), forbids it"
                    : seen;
        } catch (IOException e) {
            return e.getMessage();
        }
    }

    /**
     * A file description of our own on the worker's pipe; null when it is not there any more.
     *
     * @throws IOException when the kernel refuses; the message says what it looks at
     */
    static Fd open(Entry worker) throws IOException {
        // Looked at first, so that nothing but a pipe is ever opened; and again afterwards, since the number may have
        // become another file in between.
        String path = "/proc/" + worker.pid() + "/fd/" + worker.inboxFd();
        Fd fd;
        try {
            Proc.FdLink link = Proc.fdLink(worker.pid(), worker.inboxFd());
            if (link.answer() != Proc.FdLink.Answer.DENIED && !link.isPipe(worker.inboxInode())) {
                return null;
            }
            fd = Fd.open(path, Fd.O_WRONLY | Fd.O_NONBLOCK | Fd.O_CLOEXEC | Fd.O_NOCTTY);
        } catch (ErrnoException e) {
            int errno = e.errno();
            if (errno == Errno.ENOENT || errno == Errno.ESRCH || errno == Errno.ENXIO) {
                // ENXIO: a pipe that nobody reads.
                return null;
            }
            if (errno == Errno.EACCES || errno == Errno.EPERM) {
                if (new ProcessId(worker.pid(), worker.startTime()).isGone()) {
                    // And its number another user's.
                    return null;
                }
                throw new IOException("the kernel does not let this process open the inbox of worker " + worker.pid()
                        + ": " + hindrance(worker) + "; start all workers with the same user and group ids and"
                        + " capabilities, in one user namespace, dumpable", e);
            }
            if (errno == Errno.EMFILE || errno == Errno.ENFILE) {
                throw new IOException("no file descriptor left to reach worker " + worker.pid()
                        + ": one is needed for each worker sent to; raise 'ulimit -n'", e);
            }
            throw e;
        }
        FileStatus status = fd.stat();
        if (!status.isFifo() || status.inode() != worker.inboxInode()) {
            fd.close();
            return null;
        }
        return fd;
    }
}
