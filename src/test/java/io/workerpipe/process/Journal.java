package io.workerpipe.process;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What a member sent and got, in a mapped file: a process that is killed leaves it as well. Any thread.
 *
 * <p>32 bytes each: peer's incarnation, sequence, length, broadcast, kind, receivers. The kind is written last, so what has
 * one is whole. The first 32 bytes say who wrote it, and how the membership began and ended.
 */
public final class Journal implements AutoCloseable {
    /** What became of an alert. */
    public enum Kind {
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
        BROKEN,
        /** The receiver was told that so many (the sequence) alerts of a process (the peer is its id) were dropped. */
        NOTICE
    }

    /**
     * One line of it; to and from {@link Payload#ALL} are the broadcasts.
     *
     * @param receivers of a broadcast that was accepted: to how many it was sent
     */
    public record Line(Kind kind, long peer, long sequence, int length, boolean broadcast, int receivers) {
        Line(Kind kind, long peer, long sequence, int length, boolean broadcast) {
            this(kind, peer, sequence, length, broadcast, 0);
        }
    }

    /**
     * Who wrote it, and the lines in their order.
     *
     * @param incarnation 0: killed before it knew it
     * @param late        it joined while others were sending: what they sent to all before that is not for it
     * @param left        it has left the group, and knew that it had
     */
    public record Book(long incarnation, long pid, boolean late, boolean left, List<Line> lines) {
        Book(long incarnation, long pid, List<Line> lines) {
            this(incarnation, pid, false, false, lines);
        }
    }

    /** No page of it is there before it is written. */
    private static final long BYTES = 256L << 20;
    private static final int LINE = 32;
    private static final int LATE_AT = 16;
    private static final int LEFT_AT = 20;
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;

    private final Arena arena;
    private final MemorySegment memory;
    private final AtomicLong end = new AtomicLong(LINE);

    private Journal(Arena arena, MemorySegment memory) {
        this.arena = arena;
        this.memory = memory;
    }

    public static Journal create(Path file) throws IOException {
        Arena arena = Arena.ofShared();
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.READ,
                StandardOpenOption.WRITE)) {
            return new Journal(arena, channel.map(FileChannel.MapMode.READ_WRITE, 0, BYTES, arena));
        }
    }

    public void owner(long incarnation, long pid) {
        memory.set(LONG, 8, pid);
        memory.set(LONG, 0, incarnation);
    }

    /** The membership began while others were sending. */
    public void late() {
        memory.set(INT, LATE_AT, 1);
    }

    /** The membership is over. */
    public void left() {
        memory.set(INT, LEFT_AT, 1);
    }

    /** @return for {@link #become} */
    public long write(Kind kind, long peer, long sequence, int length, boolean broadcast) {
        long at = end.getAndAdd(LINE);
        memory.set(LONG, at, peer);
        memory.set(LONG, at + 8, sequence);
        memory.set(INT, at + 16, length);
        memory.set(INT, at + 20, broadcast ? 1 : 0);
        become(at, kind);
        return at;
    }

    /** A broadcast was accepted for so many. */
    public void accepted(long line, int receivers) {
        memory.set(INT, line + 28, receivers);
        become(line, Kind.ACCEPTED);
    }

    public void become(long line, Kind kind) {
        INT.varHandle().setRelease(memory, line + 24, kind.ordinal());
    }

    /** Nothing may be written any more. */
    @Override
    public void close() {
        arena.close();
    }

    /** Whether it is there in full: who is killed while he makes it leaves an empty file. */
    public static boolean isMade(Path file) throws IOException {
        return Files.size(file) != 0;
    }

    public static Book read(Path file) throws IOException {
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
                        memory.get(INT, at + 20) != 0, memory.get(INT, at + 28)));
            }
            return new Book(memory.get(LONG, 0), memory.get(LONG, 8), memory.get(INT, LATE_AT) != 0,
                    memory.get(INT, LEFT_AT) != 0, lines);
        }
    }
}
