package io.workerpipe.doctor;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Settings of the kernel, as sysctl(8) names them. */
final class Sysctl {
    private Sysctl() {}

    /** Empty if there is no such setting here, or it may not be read. */
    static Optional<String> read(String name) {
        // In one read: a second one, at the byte after the first, is told that this is the end.
        try (BufferedReader setting = Files.newBufferedReader(Path.of("/proc/sys", name.split("\\.")))) {
            return Optional.ofNullable(setting.readLine());
        } catch (IOException e) {
            return Optional.empty();
        }
    }
}
