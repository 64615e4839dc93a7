package io.workerpipe.cli;

import io.workerpipe.Alert;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** The data of an alert as a file. */
final class AlertFile {
    private static final long PIECE = 16 << 20;

    private AlertFile() {}

    /** Writes NUMBER-PID-NAME, the name with nothing in it that a file's name should not have. */
    static Path save(Path folder, long number, Alert alert) throws IOException {
        String name = alert.name().replaceAll("[^A-Za-z0-9._-]", "_");
        Path file = folder
                .resolve(number + "-" + alert.senderPid() + "-" + name.substring(0, Math.min(100, name.length())));
        try (FileChannel out = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING,
                StandardOpenOption.WRITE)) {
            MemorySegment data = alert.data();
            for (long from = 0; from < data.byteSize(); from += PIECE) {
                ByteBuffer piece = data.asSlice(from, Math.min(PIECE, data.byteSize() - from)).asByteBuffer();
                while (piece.hasRemaining()) {
                    out.write(piece);
                }
            }
        } catch (IOException e) {
            throw new IOException("cannot write " + file + ": " + Reason.of(e), e);
        }
        return file;
    }
}
