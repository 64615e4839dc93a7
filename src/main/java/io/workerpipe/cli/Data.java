package io.workerpipe.cli;

import io.workerpipe.IpcException;
import io.workerpipe.Ipc;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import picocli.CommandLine.Option;

/** Where the data of an alert comes from: the argument, a file, or standard input. */
final class Data {
    @Option(names = {"-f", "--file"}, paramLabel = "F", description = "Takes the data from a file.")
    private Path file;

    /**
     * The data as a segment that any thread may read.
     *
     * @param text the argument; null if there was none
     */
    MemorySegment load(String text) throws IOException {
        if (text != null && file != null) {
            throw new IllegalArgumentException("both TEXT and --file are given: one of them is the data");
        }
        if (text != null) {
            return MemorySegment.ofArray(text.getBytes(StandardCharsets.UTF_8));
        }
        if (file != null && Files.isDirectory(file)) {
            throw new IOException(file + ": is a folder");
        }
        if (file != null && !Files.exists(file)) {
            throw new NoSuchFileException(file.toString());
        }
        if (file != null && Files.isRegularFile(file)) {
            return map(file);
        }
        try (InputStream in = file == null ? System.in : Files.newInputStream(file)) {
            return spool(in);
        }
    }

    /** A stream has no length before its end: it goes through a file, which is gone as soon as it is mapped. */
    private static MemorySegment spool(InputStream in) throws IOException {
        Path spool = Files.createTempFile("workerpipe-", ".data");
        try {
            Files.copy(in, spool, StandardCopyOption.REPLACE_EXISTING);
            return map(spool);
        } finally {
            Files.deleteIfExists(spool);
        }
    }

    private static MemorySegment map(Path path) throws IOException {
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            long size = channel.size();
            if (size > Ipc.MAX_DATA) {
                throw new IpcException(
                        path + " has " + size + " bytes; an alert's data has at most " + Ipc.MAX_DATA);
            }
            // A mapping of nothing is refused by the system.
            return size == 0
                    ? MemorySegment.ofArray(new byte[0])
                    : channel.map(FileChannel.MapMode.READ_ONLY, 0, size, Arena.ofShared());
        }
    }
}
