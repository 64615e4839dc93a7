package io.workerpipe.linux;

import java.io.IOException;

/** A system call that failed where that is not expected: the call, its argument, the errno's name, number and text. */
public final class ErrnoException extends IOException {
    private static final long serialVersionUID = 1L;

    private final int errno;

    ErrnoException(String call, int errno) {
        super(call + ": " + Errno.text(errno));
        this.errno = errno;
    }

    public int errno() {
        return errno;
    }
}
