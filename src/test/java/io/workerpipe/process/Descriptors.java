package io.workerpipe.process;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The open files of another process, and how many more it may have. */
final class Descriptors {
    private static final int MANY = 1000;

    private Descriptors() {}

    static Set<Integer> open(ChildJvm child) throws IOException {
        try (Stream<Path> files = Files.list(Path.of("/proc/" + child.pid() + "/fd"))) {
            return files.map(file -> Integer.parseInt(file.getFileName().toString())).collect(Collectors.toSet());
        }
    }

    /** From now on it can open so many files more: 'ulimit -n', from outside. */
    static void leave(ChildJvm child, int free) throws Exception {
        Set<Integer> open = open(child);
        int limit = 0;
        for (int left = free; left > 0 || open.contains(limit); limit++) {
            left -= open.contains(limit) ? 0 : 1;
        }
        limit(child, limit);
    }

    /** From now on it can open none, whatever it closes. */
    static void leaveNone(ChildJvm child) throws Exception {
        limit(child, 1);
    }

    /** It can open many files again. */
    static void release(ChildJvm child) throws Exception {
        limit(child, MANY);
    }

    private static void limit(ChildJvm child, int limit) throws Exception {
        Tools.run("prlimit", "--pid", Long.toString(child.pid()), "--nofile=" + limit + ":");
    }
}
