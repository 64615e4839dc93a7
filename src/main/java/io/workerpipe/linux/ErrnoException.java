package io.workerpipe.linux;

import java.io.IOException;

/** A call to Linux failed. The message has the call, its argument, and the error's name, number and text. */
public final class ErrnoException extends IOException {
    private static final long serialVersionUID = 1L;

    private final String call;
    private final String argument;
    private final int errno;

    ErrnoException(String call, Object argument, int errno) {
        super(call + "(" + argument + "): " + Errno.text(errno));
        this.call = call;
        this.argument = String.valueOf(argument);
        this.errno = errno;
    }

    /** Passes a result on, and throws what is a negative errno. */
    static int check(int result, String call, Object argument) throws ErrnoException {
        if (result < 0) {
            throw new ErrnoException(call, argument, -result);
        }
        return result;
    }

    /**
     * The call that failed.
     *
     * @return its name, as in section 2 of the manual: "open"
     */
    public String call() {
        return call;
    }

    /**
     * What the call was about.
     *
     * @return a path, a descriptor's number, a size: as text
     */
    public String argument() {
        return argument;
    }

    /**
     * The error.
     *
     * @return its number, positive: {@link Errno#EACCES}, ...
     */
    public int errno() {
        return errno;
    }
}
