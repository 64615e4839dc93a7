package io.workerpipe.process;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What a member sent and got, in a mapped file: a process that is killed leaves it as well. Any thread.
 *
 * <p>32 bytes each: peer's incarnation, sequence, length, kind. The kind is written last, so what has one is whole.
 */
final class Journal {
    /** What became of an alert. */
    enum Kind {
        /** Nothing is here. */
        NONE,
        /** Given to send, which has not returned. */
        ATTEMPTED,
        /** Send has returned. */
        ACCEPTED,
        /** There was no room. */
        REFUSED,
        /** The receiver was gone. */
        GONE,
        /** Came whole. */
        RECEIVED,
        /** Came, but is not what was sent. */
        BROKEN
    }

    /** One line of it; to and from {@link Payload#ALL} are the broadcasts. */
    record Line(Kind kind, long peer, long sequence, int length, boolean broadcast) {}

    /** Who wrote it, and the lines in their order. */
    record Book(long incarnation, long pid, List<Line> lines) {}

    private static final long BYTES = 64L << 20;
    private static final int LINE = 32;
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;

    private final MemorySegment memory;
    private final AtomicLong end = new AtomicLong(LINE);

    private Journal(MemorySegment memory) {
        this.memory = memory;
    }

    static Journal create(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.READ,
                StandardOpenOption.WRITE)) {
            return new Journal(channel.map(FileChannel.MapMode.READ_WRITE, 0, BYTES, Arena.global()));
        }
    }

    void owner(long incarnation, long pid) {
        memory.set(LONG, 8, pid);
        memory.set(LONG, 0, incarnation);
    }

    /** @return for {@link #become} */
    long write(Kind kind, long peer, long sequence, int length, boolean broadcast) {
        long at = end.getAndAdd(LINE);
        memory.set(LONG, at, peer);
        memory.set(LONG, at + 8, sequence);
        memory.set(INT, at + 16, length);
        memory.set(INT, at + 20, broadcast ? 1 : 0);
        become(at, kind);
        return at;
    }

    void become(long line, Kind kind) {
        INT.varHandle().setRelease(memory, line + 24, kind.ordinal());
    }

    static Book read(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ); Arena arena = Arena.ofConfined()) {
            MemorySegment memory = channel.map(FileChannel.MapMode.READ_ONLY, 0, BYTES, arena);
            List<Line> lines = new ArrayList<>();
            // A thread that was killed may have left a line without a kind, before those of other threads.
            int empty = 0;
            for (long at = LINE; at < BYTES && empty < 64; at += LINE) {
                Kind kind = Kind.values()[memory.get(INT, at + 24)];
                if (kind == Kind.NONE) {
                    empty++;
                    continue;
                }
                empty = 0;
                lines.add(new Line(kind, memory.get(LONG, at), memory.get(LONG, at + 8), memory.get(INT, at + 16),
                        memory.get(INT, at + 20) != 0));
            }
            return new Book(memory.get(LONG, 0), memory.get(LONG, 8), lines);
        }
    }
}
