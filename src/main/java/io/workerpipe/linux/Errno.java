package io.workerpipe.linux;

import io.workerpipe.linux.gen.LibC;

/** The errors of errno(3) that our calls can give: number, name and text. */
public final class Errno {
    /** Operation not permitted. */
    public static final int EPERM = LibC.EPERM();
    /** No such file or directory. */
    public static final int ENOENT = LibC.ENOENT();
    /** No such process. */
    public static final int ESRCH = LibC.ESRCH();
    /** Interrupted system call. */
    public static final int EINTR = LibC.EINTR();
    /** Input/output error. */
    public static final int EIO = LibC.EIO();
    /** No such device or address. */
    public static final int ENXIO = LibC.ENXIO();
    /** Bad file descriptor. */
    public static final int EBADF = LibC.EBADF();
    /** Resource temporarily unavailable. */
    public static final int EAGAIN = LibC.EAGAIN();
    /** Cannot allocate memory. */
    public static final int ENOMEM = LibC.ENOMEM();
    /** Permission denied. */
    public static final int EACCES = LibC.EACCES();
    /** Bad address. */
    public static final int EFAULT = LibC.EFAULT();
    /** Device or resource busy. */
    public static final int EBUSY = LibC.EBUSY();
    /** File exists. */
    public static final int EEXIST = LibC.EEXIST();
    /** No such device. */
    public static final int ENODEV = LibC.ENODEV();
    /** Not a directory. */
    public static final int ENOTDIR = LibC.ENOTDIR();
    /** Is a directory. */
    public static final int EISDIR = LibC.EISDIR();
    /** Invalid argument. */
    public static final int EINVAL = LibC.EINVAL();
    /** Too many open files in system. */
    public static final int ENFILE = LibC.ENFILE();
    /** Too many open files. */
    public static final int EMFILE = LibC.EMFILE();
    /** Text file busy. */
    public static final int ETXTBSY = LibC.ETXTBSY();
    /** File too large. */
    public static final int EFBIG = LibC.EFBIG();
    /** No space left on device. */
    public static final int ENOSPC = LibC.ENOSPC();
    /** Illegal seek. */
    public static final int ESPIPE = LibC.ESPIPE();
    /** Read-only file system. */
    public static final int EROFS = LibC.EROFS();
    /** Broken pipe. */
    public static final int EPIPE = LibC.EPIPE();
    /** Resource deadlock avoided. */
    public static final int EDEADLK = LibC.EDEADLK();
    /** File name too long. */
    public static final int ENAMETOOLONG = LibC.ENAMETOOLONG();
    /** No locks available. */
    public static final int ENOLCK = LibC.ENOLCK();
    /** Function not implemented. */
    public static final int ENOSYS = LibC.ENOSYS();
    /** Too many levels of symbolic links. */
    public static final int ELOOP = LibC.ELOOP();
    /** Value too large for defined data type. */
    public static final int EOVERFLOW = LibC.EOVERFLOW();
    /** Operation not supported. */
    public static final int EOPNOTSUPP = LibC.EOPNOTSUPP();
    /** Disk quota exceeded. */
    public static final int EDQUOT = LibC.EDQUOT();

    private Errno() {}

    /**
     * What an error is called.
     *
     * @param errno the error, positive
     * @return its name, "EAGAIN", or "errno 333" for one that our calls do not give
     */
    public static String name(int errno) {
        Entry entry = entry(errno);
        return entry == null ? "errno " + errno : entry.name;
    }

    /**
     * An error for a message.
     *
     * @param errno the error, positive
     * @return name, number and text: "EAGAIN (11): Resource temporarily unavailable"
     */
    public static String text(int errno) {
        Entry entry = entry(errno);
        return entry == null ? "errno " + errno : entry.name + " (" + errno + "): " + entry.text;
    }

    /** The error with this text, 0 if our calls give none. */
    static int ofText(String text) {
        for (Entry entry : Entry.TABLE) {
            if (entry.text.equals(text)) {
                return entry.errno;
            }
        }
        return 0;
    }

    /** The one place that decides whether a call is made again: a signal came first, and nothing was done. */
    static boolean interrupted(long result) {
        return result == -EINTR;
    }

    private static Entry entry(int errno) {
        for (Entry entry : Entry.TABLE) {
            if (entry.errno == errno) {
                return entry;
            }
        }
        return null;
    }

    /** A line of the table; it is made with the first message. */
    private record Entry(int errno, String name, String text) {
        static final Entry[] TABLE = {
                new Entry(EPERM, "EPERM", "Operation not permitted"),
                new Entry(ENOENT, "ENOENT", "No such file or directory"),
                new Entry(ESRCH, "ESRCH", "No such process"),
                new Entry(EINTR, "EINTR", "Interrupted system call"),
                new Entry(EIO, "EIO", "Input/output error"),
                new Entry(ENXIO, "ENXIO", "No such device or address"),
                new Entry(EBADF, "EBADF", "Bad file descriptor"),
                new Entry(EAGAIN, "EAGAIN", "Resource temporarily unavailable"),
                new Entry(ENOMEM, "ENOMEM", "Cannot allocate memory"),
                new Entry(EACCES, "EACCES", "Permission denied"),
                new Entry(EFAULT, "EFAULT", "Bad address"),
                new Entry(EBUSY, "EBUSY", "Device or resource busy"),
                new Entry(EEXIST, "EEXIST", "File exists"),
                new Entry(ENODEV, "ENODEV", "No such device"),
                new Entry(ENOTDIR, "ENOTDIR", "Not a directory"),
                new Entry(EISDIR, "EISDIR", "Is a directory"),
                new Entry(EINVAL, "EINVAL", "Invalid argument"),
                new Entry(ENFILE, "ENFILE", "Too many open files in system"),
                new Entry(EMFILE, "EMFILE", "Too many open files"),
                new Entry(ETXTBSY, "ETXTBSY", "Text file busy"),
                new Entry(EFBIG, "EFBIG", "File too large"),
                new Entry(ENOSPC, "ENOSPC", "No space left on device"),
                new Entry(ESPIPE, "ESPIPE", "Illegal seek"),
                new Entry(EROFS, "EROFS", "Read-only file system"),
                new Entry(EPIPE, "EPIPE", "Broken pipe"),
                new Entry(EDEADLK, "EDEADLK", "Resource deadlock avoided"),
                new Entry(ENAMETOOLONG, "ENAMETOOLONG", "File name too long"),
                new Entry(ENOLCK, "ENOLCK", "No locks available"),
                new Entry(ENOSYS, "ENOSYS", "Function not implemented"),
                new Entry(ELOOP, "ELOOP", "Too many levels of symbolic links"),
                new Entry(EOVERFLOW, "EOVERFLOW", "Value too large for defined data type"),
                new Entry(EOPNOTSUPP, "EOPNOTSUPP", "Operation not supported"),
                new Entry(EDQUOT, "EDQUOT", "Disk quota exceeded")};
    }
}
