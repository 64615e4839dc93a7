package io.workerpipe.bench;

import io.workerpipe.linux.ErrnoException;
import io.workerpipe.linux.Pipe;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What the figures depend on. */
final class Environment {
    private static final int PIPES = 20;
    private static final int PIPE_BYTES = 256 << 10;

    private Environment() {}

    static Map<String, String> look() throws IOException {
        Map<String, String> facts = new LinkedHashMap<>();
        facts.put("Commit", System.getProperty("bench.commit"));
        facts.put("CPU", after("/proc/cpuinfo", "model name", ":") + ", " + Runtime.getRuntime().availableProcessors()
                + " processors");
        facts.put("Memory", after("/proc/meminfo", "MemTotal", ":"));
        facts.put("Load at the start", read("/proc/loadavg"));
        facts.put("Kernel", read("/proc/sys/kernel/ostype") + " " + read("/proc/sys/kernel/osrelease"));
        facts.put("JDK", System.getProperty("java.vm.name") + " " + System.getProperty("java.runtime.version") + ", "
                + System.getProperty("java.vendor"));
        facts.put("User id", after("/proc/self/status", "Uid", ":").split("\\s+")[0]);
        facts.put(PIPES + " pipes of " + PIPE_BYTES + " bytes", pipes());
        facts.put("pipe-max-size", read("/proc/sys/fs/pipe-max-size"));
        facts.put("pipe-user-pages-soft", read("/proc/sys/fs/pipe-user-pages-soft"));
        facts.put("pipe-user-pages-hard", read("/proc/sys/fs/pipe-user-pages-hard"));
        facts.put("ulimit: open files (soft, hard)", limit("Max open files"));
        facts.put("ulimit: processes (soft, hard)", limit("Max processes"));
        facts.put("ulimit: locked memory (soft, hard)", limit("Max locked memory"));
        return facts;
    }

    /** A user has room for so many pages in all pipes; after that they are small. So many at once are asked for. */
    private static String pipes() {
        List<Pipe> pipes = new ArrayList<>();
        try {
            for (int i = 0; i < PIPES; i++) {
                Pipe pipe = Pipe.create();
                pipes.add(pipe);
                pipe.resize(PIPE_BYTES);
            }
            Map<Integer, Integer> got = new LinkedHashMap<>();
            for (Pipe pipe : pipes) {
                got.merge(pipe.size(), 1, Integer::sum);
            }
            return got.entrySet().stream().map(size -> size.getValue() + " got " + size.getKey())
                    .collect(Collectors.joining(", "));
        } catch (ErrnoException e) {
            return e.getMessage();
        } finally {
            pipes.forEach(Pipe::close);
        }
    }

    private static String read(String file) throws IOException {
        // In one go: a second read of a number in /proc/sys brings nothing.
        try (BufferedReader reader = Files.newBufferedReader(Path.of(file))) {
            return reader.readLine();
        }
    }

    private static String after(String file, String key, String separator) throws IOException {
        try (Stream<String> lines = Files.lines(Path.of(file))) {
            return lines.filter(line -> line.startsWith(key)).findFirst()
                    .map(line -> line.substring(line.indexOf(separator) + 1).strip()).orElse("unknown");
        }
    }

    private static String limit(String name) throws IOException {
        try (Stream<String> lines = Files.lines(Path.of("/proc/self/limits"))) {
            return lines.filter(line -> line.startsWith(name)).findFirst().map(line -> {
                String[] fields = line.substring(name.length()).strip().split("\\s+");
                return fields[0] + ", " + fields[1];
            }).orElse("unknown");
        }
    }
}
