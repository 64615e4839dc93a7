package io.workerpipe.bench.process;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** Memory of processes and of the machine, in bytes, from {@code /proc}. */
public final class Memory {
    private Memory() {}

    /** The most that a process has had in memory at any time: its VmHWM. */
    public static long peak(long pid) throws IOException {
        return field(Path.of("/proc/" + pid + "/status"), "VmHWM:");
    }

    /** What can be had without swapping: MemAvailable. */
    public static long available() throws IOException {
        return field(Path.of("/proc/meminfo"), "MemAvailable:");
    }

    private static long field(Path file, String name) throws IOException {
        try (Stream<String> lines = Files.lines(file)) {
            String line = lines.filter(each -> each.startsWith(name)).findFirst()
                    .orElseThrow(() -> new IOException(file + " has no " + name));
            return Long.parseLong(line.substring(name.length()).replace("kB", "").strip()) << 10;
        }
    }
}
