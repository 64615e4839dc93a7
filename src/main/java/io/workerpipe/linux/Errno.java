package io.workerpipe.linux;

import static java.util.Map.entry;

import io.workerpipe.linux.gen.Linux;
import java.util.Map;

/** The errors that calls return, negated; see errno(3). */
public final class Errno {
    public static final int EPERM = Linux.EPERM();
    public static final int ENOENT = Linux.ENOENT();
    public static final int ESRCH = Linux.ESRCH();
    public static final int EINTR = Linux.EINTR();
    public static final int EIO = Linux.EIO();
    public static final int ENXIO = Linux.ENXIO();
    public static final int EBADF = Linux.EBADF();
    public static final int EAGAIN = Linux.EAGAIN();
    public static final int ENOMEM = Linux.ENOMEM();
    public static final int EACCES = Linux.EACCES();
    public static final int EFAULT = Linux.EFAULT();
    public static final int EBUSY = Linux.EBUSY();
    public static final int EEXIST = Linux.EEXIST();
    public static final int ENOTDIR = Linux.ENOTDIR();
    public static final int EINVAL = Linux.EINVAL();
    public static final int ENFILE = Linux.ENFILE();
    public static final int EMFILE = Linux.EMFILE();
    public static final int ENOSPC = Linux.ENOSPC();
    public static final int EROFS = Linux.EROFS();
    public static final int EPIPE = Linux.EPIPE();
    public static final int ENOSYS = Linux.ENOSYS();
    public static final int ELOOP = Linux.ELOOP();

    private record Known(String name, String text) {}

    /** Texts of our own: strerror(3) depends on the locale and is one call more to link. */
    private static final Map<Integer, Known> KNOWN = Map.ofEntries(
            entry(EPERM, new Known("EPERM", "operation not permitted")),
            entry(ENOENT, new Known("ENOENT", "no such file or directory")),
            entry(ESRCH, new Known("ESRCH", "no such process")),
            entry(EINTR, new Known("EINTR", "interrupted by a signal")),
            entry(EIO, new Known("EIO", "input/output error")),
            entry(ENXIO, new Known("ENXIO", "no such device or address, or a pipe that nobody reads")),
            entry(EBADF, new Known("EBADF", "bad file descriptor: it is closed, or not open for this")),
            entry(EAGAIN, new Known("EAGAIN", "would block")),
            entry(ENOMEM, new Known("ENOMEM", "out of memory")),
            entry(EACCES, new Known("EACCES", "permission denied")),
            entry(EFAULT, new Known("EFAULT", "bad address")),
            entry(EBUSY, new Known("EBUSY", "in use")),
            entry(EEXIST, new Known("EEXIST", "exists already")),
            entry(ENOTDIR, new Known("ENOTDIR", "not a directory")),
            entry(EINVAL, new Known("EINVAL", "invalid argument")),
            entry(ENFILE, new Known("ENFILE", "too many open files in the system")),
            entry(EMFILE, new Known("EMFILE", "too many open files in this process")),
            entry(ENOSPC, new Known("ENOSPC", "no space left")),
            entry(EROFS, new Known("EROFS", "read-only file system")),
            entry(EPIPE, new Known("EPIPE", "broken pipe: nobody reads it")),
            entry(ENOSYS, new Known("ENOSYS", "not supported by this kernel")),
            entry(ELOOP, new Known("ELOOP", "a symbolic link where none may be")));

    private Errno() {}

    /** The name, like {@code EAGAIN}; {@code errno 123} where we have none for it. */
    public static String name(int errno) {
        Known known = KNOWN.get(errno);
        return known == null ? "errno " + errno : known.name;
    }

    /** Name, number and text, like {@code EAGAIN (11): would block}. */
    public static String text(int errno) {
        Known known = KNOWN.get(errno);
        return known == null ? "errno " + errno : known.name + " (" + errno + "): " + known.text;
    }
}
