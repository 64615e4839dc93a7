package io.workerpipe.cli;

import io.workerpipe.Ipc;
import io.workerpipe.IpcException;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.ReadableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
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
        if (text != null) {
            return MemorySegment.ofArray(text.getBytes(StandardCharsets.UTF_8));
        }
        if (file == null) {
            if (Terminal.isInput()) {
                System.err.println("type the data, then Ctrl-D at the start of a line");
            }
            return spool(new FileInputStream(FileDescriptor.in), "standard input");
        }
        if (Files.isDirectory(file)) {
            throw new IOException(file + ": is a folder, expected a file");
        }
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            return Files.isRegularFile(file)
                    ? map(channel, file.toString())
                    : spool(Channels.newInputStream(channel), file.toString());
        }
    }

    /** Wrong before anything is done. */
    void check(String text) {
        if (text != null && file != null) {
            throw new IllegalArgumentException("both TEXT and --file are given: one of them is the data");
        }
    }

    /** A stream has no length before its end: it goes through a file, which has no name from the start. */
    private static MemorySegment spool(InputStream in, String source) throws IOException {
        Path folder = Path.of(System.getProperty("java.io.tmpdir"));
        try (FileChannel spool = unnamed(folder)) {
            fill(spool, in, source);
            return map(spool, source);
        } catch (IOException e) {
            throw new IOException("cannot keep " + source + " in a file of " + folder + ": " + Reason.of(e), e);
        }
    }

    private static FileChannel unnamed(Path folder) throws IOException {
        Path path = Files.createTempFile(folder, "workerpipe-", ".data");
        try {
            return FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE);
        } finally {
            Files.delete(path);
        }
    }

    private static void fill(FileChannel spool, InputStream in, String source) throws IOException {
        ReadableByteChannel from = Channels.newChannel(in);
        ByteBuffer piece = ByteBuffer.allocateDirect(1 << 20);
        long size = 0;
        while (from.read(piece) >= 0) {
            size += piece.position();
            if (size > Ipc.MAX_DATA) {
                throw new TooLong(source + " has more than " + Ipc.MAX_DATA + " bytes, which is the most that an alert"
                        + " can have");
            }
            piece.flip();
            while (piece.hasRemaining()) {
                spool.write(piece);
            }
            piece.clear();
        }
    }

    private static MemorySegment map(FileChannel channel, String source) throws IOException {
        long size = channel.size();
        if (size > Ipc.MAX_DATA) {
            throw new TooLong(source + " has " + size + " bytes; an alert's data has at most " + Ipc.MAX_DATA);
        }
        // A mapping of nothing is refused by the system.
        return size == 0
                ? MemorySegment.ofArray(new byte[0])
                : channel.map(FileChannel.MapMode.READ_ONLY, 0, size, Arena.ofShared());
    }

    /** More than an alert can carry. */
    private static final class TooLong extends IpcException {
        private static final long serialVersionUID = 1L;

        TooLong(String message) {
            super(message);
        }
    }
}
