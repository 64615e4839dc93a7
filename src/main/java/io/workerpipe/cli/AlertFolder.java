package io.workerpipe.cli;

import io.workerpipe.Alert;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.stream.Stream;

/** The data of alerts as files of a folder, NUMBER-PID-NAME each. Used by one thread at a time. */
final class AlertFolder {
    private static final long PIECE = 16 << 20;
    private static final int LONGEST_NAME = 100;

    private final Path folder;
    /** Goes on where an earlier run ended: nothing is overwritten. */
    private long number;

    private AlertFolder(Path folder, long number) {
        this.folder = folder;
        this.number = number;
    }

    /** Creates the folder if it is missing. What can be known to fail fails here, not at the first alert. */
    static AlertFolder open(Path folder) throws IOException {
        Files.createDirectories(folder);
        if (!Files.isWritable(folder)) {
            throw new AccessDeniedException(folder.toString());
        }
        try (Stream<Path> files = Files.list(folder)) {
            return new AlertFolder(folder, files.mapToLong(AlertFolder::numberOf).max().orElse(0));
        }
    }

    private static long numberOf(Path file) {
        String[] parts = file.getFileName().toString().split("-", 2);
        return parts.length == 2 && parts[0].matches("[0-9]{1,18}") ? Long.parseLong(parts[0]) : 0;
    }

    /**
     * Writes the data of an alert; a file that cannot be written whole is not left there.
     *
     * @return the file's name
     */
    String save(Alert alert) throws IOException {
        String name = alert.name().replaceAll("[^A-Za-z0-9._-]", "_");
        Path file = folder.resolve(++number + "-" + alert.senderPid() + "-"
                + name.substring(0, Math.min(LONGEST_NAME, name.length())));
        try {
            write(alert.data(), file);
        } catch (IOException e) {
            Files.deleteIfExists(file);
            throw new IOException("cannot write " + file + ": " + Reason.of(e), e);
        }
        return file.toString();
    }

    private static void write(MemorySegment data, Path file) throws IOException {
        try (FileChannel out = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            for (long from = 0; from < data.byteSize(); from += PIECE) {
                ByteBuffer piece = data.asSlice(from, Math.min(PIECE, data.byteSize() - from)).asByteBuffer();
                while (piece.hasRemaining()) {
                    out.write(piece);
                }
            }
        }
    }
}
