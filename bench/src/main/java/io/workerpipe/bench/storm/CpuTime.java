package io.workerpipe.bench.storm;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** CPU time that processes have used, from {@code /proc/PID/stat}. */
final class CpuTime {
    /** USER_HZ is 100 on every Linux that the library runs on. */
    private static final double TICKS_A_SECOND = 100;

    private CpuTime() {}

    /** Seconds of all together, in user and in kernel mode. */
    static double seconds(List<Long> pids) throws IOException {
        long ticks = 0;
        for (long pid : pids) {
            String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
            // The name, in parentheses, may hold anything; utime and stime are the 12th and 13th field after it.
            String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
            ticks += Long.parseLong(fields[11]) + Long.parseLong(fields[12]);
        }
        return ticks / TICKS_A_SECOND;
    }
}
