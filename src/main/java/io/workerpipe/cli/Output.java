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

    private Output() {}

    /** @throws IOException if it cannot be written; {@link Closed} where nobody reads it any more */
    static void line(String text) throws IOException {
        byte[] line = (text + '\n').getBytes(StandardCharsets.UTF_8);
        try {
            synchronized (OUT) {
                OUT.write(line);
            }
        } catch (IOException e) {
            if ("Broken pipe".equals(e.getMessage())) {
                throw new Closed(e);
            }
            throw new IOException("cannot write to standard output: " + e.getMessage(), e);
        }
    }

    /** What {@code head} does to those who write to it: a reason to end, not to complain. */
    static final class Closed extends IOException {
        private static final long serialVersionUID = 1L;

        Closed(IOException cause) {
            super("standard output is closed", cause);
        }
    }
}
