package io.workerpipe.bench.process;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;

/** CPU time that processes have used, from {@code /proc/PID/stat}. */
public final class CpuTime {
    /** USER_HZ is 100 on every Linux that the library runs on. */
    private static final double TICKS_A_SECOND = 100;

    private CpuTime() {}

    /** Seconds of all together, in user and in kernel mode. */
    public static double seconds(List<Long> pids) throws IOException {
        long ticks = 0;
        for (long pid : pids) {
            try {
                ticks += ticks(Files.readString(Path.of("/proc/" + pid + "/stat")));
            } catch (NoSuchFileException e) {
                throw ended(pid, e);
            }
        }
        return ticks / TICKS_A_SECOND;
    }

    /** Of these, the seconds of the JVMs' compilers: threads C1 and C2, which must not come and go. */
    public static double secondsOfCompilers(List<Long> pids) throws IOException {
        long ticks = 0;
        for (long pid : pids) {
            try (DirectoryStream<Path> threads = Files.newDirectoryStream(Path.of("/proc/" + pid + "/task"))) {
                for (Path thread : threads) {
                    try {
                        String stat = Files.readString(thread.resolve("stat"));
                        ticks += stat.contains("(C1 Compiler") || stat.contains("(C2 Compiler") ? ticks(stat) : 0;
                    } catch (IOException e) {
                        // Another thread, and it has ended just now.
                    }
                }
            } catch (NoSuchFileException e) {
                throw ended(pid, e);
            }
        }
        return ticks / TICKS_A_SECOND;
    }

    private static IOException ended(long pid, NoSuchFileException cause) {
        return new IOException("process " + pid + " of this run has ended too early: see its log", cause);
    }

    /** How many threads of a process have a name that begins like that. */
    public static int threads(long pid, String name) throws IOException {
        int count = 0;
        try (DirectoryStream<Path> threads = Files.newDirectoryStream(Path.of("/proc/" + pid + "/task"))) {
            for (Path thread : threads) {
                count += Files.readString(thread.resolve("comm")).startsWith(name) ? 1 : 0;
            }
        }
        return count;
    }

    /**
     * Seconds on a processor to the nanosecond, of those threads that are there now. Not for threads that come and go.
     *
     * @param name what the threads' names begin with
     */
    public static double exactSeconds(List<Long> pids, String name) throws IOException {
        long nanos = 0;
        for (long pid : pids) {
            try (DirectoryStream<Path> threads = Files.newDirectoryStream(Path.of("/proc/" + pid + "/task"))) {
                for (Path thread : threads) {
                    try {
                        if (Files.readString(thread.resolve("comm")).startsWith(name)) {
                            nanos += Long.parseLong(Files.readString(thread.resolve("schedstat")).split(" ")[0]);
                        }
                    } catch (IOException e) {
                        // It has ended just now.
                    }
                }
            }
        }
        return nanos / 1e9;
    }

    private static long ticks(String stat) {
        // The name, in parentheses, may hold anything; utime and stime are the 12th and 13th field after it.
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
        return Long.parseLong(fields[11]) + Long.parseLong(fields[12]);
    }
}
