package io.workerpipe.soak;

import io.workerpipe.process.ChildJvm;
import io.workerpipe.roster.RosterFolder;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/** Starts the JVMs, and reads what they say beside what they are asked. Any thread. */
final class Processes {
    /** What a worker may print: each of these says something that the soak has brought about. */
    private static final List<String> EXPECTED = List.of(
            // An ordinary user's pipes together have a limit, which a machine with many workers meets.
            "WARNING the inbox keeps its size");
    /** And where somebody lied. */
    private static final List<String> EXPECTED_OF_LIES = List.of("WARNING the inbox got what is no alert",
            "broken: alert ");

    private final Path folder;
    private final List<String> flags;
    /** All classes in one file, which makes the start of a JVM cheaper; null: they are where Maven puts them. */
    private final String jar = System.getProperty("soak.jar");
    private final Map<ChildJvm, Integer> read = new ConcurrentHashMap<>();

    Processes(Path folder) throws IOException {
        this.folder = folder;
        Files.createDirectories(journals());
        Files.createDirectory(groups(), PosixFilePermissions
                .asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        flags = List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto", "-Xlog:disable",
                "-Xlog:all=error:stderr", "-Xlog:cds=off", "-XX:MaxDirectMemorySize=1g",
                "-XX:ErrorFile=" + folder.resolve("hs_err_pid%p.log"),
                "-Djava.util.logging.SimpleFormatter.format=%4$s %5$s%6$s%n");
    }

    Path groups() {
        return folder.resolve("groups");
    }

    Path journals() {
        return folder.resolve("journals");
    }

    /** @param options of {@link SoakWorker} */
    ChildJvm start(String name, boolean elder, List<String> options) throws IOException {
        // The memory of those who stay shall not move with their heap.
        List<String> own = new ArrayList<>(elder
                ? List.of("-Xms96m", "-Xmx96m", "-XX:+AlwaysPreTouch")
                : List.of("-Xms24m", "-Xmx96m"));
        if (Files.exists(archive())) {
            own.add("-XX:SharedArchiveFile=" + archive());
        }
        return start(name, own, options);
    }

    private Path archive() {
        return folder.resolve("workers.jsa");
    }

    /** Lets one worker end that has done a little of everything, and keeps the classes that it had loaded. */
    void makeArchive() throws Exception {
        if (jar == null) {
            return;
        }
        ChildJvm first = start("first", List.of("-XX:ArchiveClassesAtExit=" + archive()), List.of("round=-1",
                "policy=wait", "outbox=" + (1 << 20)));
        first.hear("joined");
        first.ask("open -1", "opened");
        first.ask("go 1,all", "going");
        first.ask("settle", "settled");
        first.ask("quiet", "quiet");
        first.ask("rejoin", "rejoined");
        first.ask("rest", "rest");
        first.ask("leave", "left");
        first.awaitEnd();
    }

    private ChildJvm start(String name, List<String> own, List<String> options) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(flags);
        command.addAll(own);
        // A flag for native access would make half of an archive useless; the jar's manifest allows it.
        command.addAll(jar != null
                ? List.of("-jar", jar)
                : List.of("--enable-native-access=ALL-UNNAMED", "-cp", classPath(), SoakWorker.class.getName()));
        command.addAll(List.of("journals=" + journals(), "place=" + name));
        command.addAll(options);
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true).directory(folder.toFile());
        builder.environment().put(RosterFolder.VARIABLE, groups().toString());
        // mallopt(3): else the C library comes to keep blocks of up to 32 MiB that this worker, not the library, has freed.
        builder.environment().put("MALLOC_MMAP_THRESHOLD_", "131072");
        ChildJvm child = new ChildJvm(name, builder.start());
        read.put(child, 0);
        return child;
    }

    /** In a folder that is not the children's own, so absolute. */
    private static String classPath() {
        return Path.of("target/classes").toAbsolutePath() + File.pathSeparator + Path.of("target/test-classes")
                .toAbsolutePath();
    }

    /** What they have printed since the last look, and should not have; forgets those that are gone. */
    List<String> unexpected(boolean lies) {
        List<String> lines = new ArrayList<>();
        for (Map.Entry<ChildJvm, Integer> entry : read.entrySet()) {
            ChildJvm child = entry.getKey();
            boolean alive = !child.isSilent();
            String log = child.log();
            String fresh = log.substring(Math.min(entry.getValue(), log.length()));
            // The first line is a title; the last one may be half there.
            int end = alive ? fresh.lastIndexOf('\n') + 1 : fresh.length();
            fresh.substring(0, end).lines().filter(line -> !isExpected(line, lies))
                    .forEach(line -> lines.add(child.name + " (" + child.pid() + "): " + line));
            if (alive) {
                entry.setValue(entry.getValue() + end);
            } else {
                read.remove(child);
            }
        }
        return lines;
    }

    private static boolean isExpected(String line, boolean lies) {
        return line.isBlank() || line.startsWith("---- ") || line.startsWith("< ") || line.startsWith(ChildJvm.ANSWER)
                || line.startsWith(ChildJvm.EVENT) || EXPECTED.stream().anyMatch(line::startsWith)
                || lies && EXPECTED_OF_LIES.stream().anyMatch(line::startsWith);
    }

    /** Crashes of JVMs. */
    List<Path> crashes() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.getFileName().toString().startsWith("hs_err")).toList();
        }
    }

    /** Keeps what all said that are still known. */
    void keepLogs() throws IOException {
        Path logs = Files.createDirectories(folder.resolve("logs"));
        for (ChildJvm child : read.keySet()) {
            Files.writeString(logs.resolve(child.name + "-" + child.pid() + ".log"), child.log());
        }
    }

    void destroyAll() {
        for (ChildJvm child : read.keySet()) {
            if (child.isAlive()) {
                child.kill();
            }
        }
    }
}
