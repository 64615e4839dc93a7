package io.workerpipe.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Which of the standard streams is a terminal. {@code System.console()} speaks for input and output together only. */
final class Terminal {
    private Terminal() {}

    static boolean isInput() {
        return is(0);
    }

    static boolean isOutput() {
        return is(1);
    }

    static boolean isError() {
        return is(2);
    }

    private static boolean is(int fd) {
        try {
            String target = Files.readSymbolicLink(Path.of("/proc/self/fd/" + fd)).toString();
            return target.startsWith("/dev/pts/") || target.startsWith("/dev/tty") || target.equals("/dev/console");
        } catch (IOException e) {
            // Closed: nobody to look at it.
            return false;
        }
    }
}
