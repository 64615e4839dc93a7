package io.workerpipe.cli;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/**
 * Standard output, in UTF-8 whatever the locale, with errors that {@code System.out} would keep to itself. Safe for any
 * thread: a line is one write.
 */
final class Output {
    private static final FileOutputStream OUT = new FileOutputStream(FileDescriptor.out);
    private static final FileOutputStream ERR = new FileOutputStream(FileDescriptor.err);

    private Output() {}

    /** @throws IOException if it cannot be written; {@link Closed} where nobody reads it any more */
    static void line(String text) throws IOException {
        bytes((text + '\n').getBytes(StandardCharsets.UTF_8));
    }

    /** Whole lines, as they are. */
    static void bytes(byte[] lines) throws IOException {
        write(OUT, "standard output", lines);
    }

    /** Whole lines on standard error, where it matters whether they can be written. */
    static void error(byte[] lines) throws IOException {
        write(ERR, "standard error", lines);
    }

    private static void write(FileOutputStream stream, String name, byte[] lines) throws IOException {
        try {
            synchronized (stream) {
                stream.write(lines);
            }
        } catch (IOException e) {
            if ("Broken pipe".equals(e.getMessage())) {
                throw new Closed(name, e);
            }
            throw new IOException("cannot write to " + name + ": " + e.getMessage(), e);
        }
    }

    /** What {@code head} does to those who write to it: a reason to end, not to complain. */
    static final class Closed extends IOException {
        private static final long serialVersionUID = 1L;

        Closed(String stream, IOException cause) {
            super(stream + " is closed", cause);
        }
    }
}
