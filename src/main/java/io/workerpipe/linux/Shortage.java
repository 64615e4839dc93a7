package io.workerpipe.linux;

import java.io.IOException;
import java.nio.file.FileSystemException;

/** Safe for any thread. What to do where a call failed because something had run out. */
public final class Shortage {
    private Shortage() {}

    /**
     * What to do about an error.
     *
     * @param errno the error, positive
     * @return for a message, after a semicolon; empty if nothing has run out
     */
    public static String advice(int errno) {
        if (errno == Errno.EMFILE) {
            return "raise 'ulimit -n' (LimitNOFILE in a systemd unit), or close what this process has open";
        }
        if (errno == Errno.ENFILE) {
            return "raise fs.file-max, or for a pipe fs.pipe-user-pages-hard, or end what holds so many";
        }
        if (errno == Errno.ENOMEM) {
            return "free memory, raise 'ulimit -v' or vm.max_map_count, or ask for less (poolBytes)";
        }
        if (errno == Errno.ENOSPC || errno == Errno.EDQUOT) {
            return "make room there ('df', 'df -i')";
        }
        return "";
    }

    /**
     * What to do about a failed call of ours or of the JDK.
     *
     * @param failed what it threw
     * @return for a message, after a semicolon; empty if nothing has run out, or it cannot be told
     */
    public static String advice(IOException failed) {
        if (failed instanceof ErrnoException e && e.errno() == Errno.ENOSPC && e.call().startsWith("epoll_ctl")) {
            return "raise fs.epoll.max_user_watches";
        }
        return advice(errno(failed));
    }

    /**
     * Which error a failed call of ours or of the JDK met. The JDK tells only its text.
     *
     * @param failed what it threw
     * @return positive, 0 if it cannot be told
     */
    public static int errno(IOException failed) {
        for (Throwable thrown = failed; thrown != null; thrown = thrown.getCause()) {
            if (thrown instanceof ErrnoException e) {
                return e.errno();
            }
            if (thrown instanceof OutOfMemoryError) {
                return Errno.ENOMEM;
            }
            String text = thrown instanceof FileSystemException e ? e.getReason() : thrown.getMessage();
            int errno = text == null ? 0 : Errno.ofText(text);
            if (errno != 0) {
                return errno;
            }
        }
        return 0;
    }

    /**
     * The same failure with the advice in its message.
     *
     * @param failed what was thrown
     * @return itself if there is no advice
     */
    public static IOException explained(IOException failed) {
        String advice = advice(failed);
        return advice.isEmpty() ? failed : new IOException(failed.getMessage() + "; " + advice, failed);
    }
}
