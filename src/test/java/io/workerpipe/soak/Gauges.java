package io.workerpipe.soak;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What /proc says of a process.
 *
 * @param residentKib all that is in memory, of files too
 * @param ownKib      memory of its own: not of journals and other files
 * @param descriptors open ones
 */
record Gauges(long residentKib, long ownKib, int descriptors, int threads) {
    /** Empty if it is gone. */
    static Optional<Gauges> of(long pid) throws IOException {
        Path process = Path.of("/proc/" + pid);
        long resident = 0;
        long own = 0;
        int threads = 0;
        try (Stream<Path> descriptors = Files.list(process.resolve("fd"))) {
            int open = (int) descriptors.count();
            for (String line : Files.readAllLines(process.resolve("status"))) {
                if (line.startsWith("VmRSS:")) {
                    resident = number(line);
                } else if (line.startsWith("RssAnon:")) {
                    own = number(line);
                } else if (line.startsWith("Threads:")) {
                    threads = (int) number(line);
                }
            }
            return Optional.of(new Gauges(resident, own, open, threads));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException | java.io.UncheckedIOException e) {
            if (Files.exists(process.resolve("exe"))) {
                throw e;
            }
            return Optional.empty();
        }
    }

    private static long number(String line) {
        return Long.parseLong(line.replaceAll("\\D", ""));
    }
}
