package io.workerpipe.loop;

import io.workerpipe.linux.Memory;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;

/** An alert that waits beside a full outbox: a copy, and its place in the {@link Backlog}. Guarded by whoever has it. */
final class Kept {
    /** What is longer gets a mapping of its own, which is given back at once. */
    private static final long HEAP_COPY = 1 << 20;
    /** What the objects of one take, in bytes, more or less. */
    private static final int OBJECTS = 160;

    final byte[] name;
    final MemorySegment data;
    /** Bytes that it is taken to hold. */
    final long size;
    private final MemorySegment mapping;
    /** Set by the backlog: which it was of all that came. */
    long number;
    /** How many were dropped right before it; and if any, the number of the first of them. */
    long lostBefore;
    long lostSince;
    Kept previous;
    Kept next;

    private Kept(byte[] name, MemorySegment data, MemorySegment mapping) {
        this.name = name;
        this.data = data;
        this.mapping = mapping;
        this.size = OBJECTS + name.length + data.byteSize();
    }

    /** No alert. */
    static Kept none() {
        return new Kept(new byte[0], MemorySegment.NULL, null);
    }

    /** Copies the data. What reading it throws (its arena was closed, its file was cut) is thrown on. */
    static Kept of(byte[] name, MemorySegment data) {
        long length = data.byteSize();
        MemorySegment mapping = length <= HEAP_COPY ? null : Memory.map(length);
        MemorySegment copy = mapping == null ? MemorySegment.ofArray(new byte[(int) length]) : mapping;
        try {
            MemorySegment.copy(data, 0, copy, 0, length);
            if (data.isMapped()) {
                // The InternalError of a file that was cut comes at the thread's next safepoint; a call into the VM has one.
                Thread.holdsLock(Kept.class);
            }
        } catch (RuntimeException | Error e) {
            if (mapping != null) {
                Memory.unmap(mapping);
            }
            throw e;
        }
        return new Kept(name, copy.asSlice(0, length).asReadOnly(), mapping);
    }

    ByteBuffer key() {
        return ByteBuffer.wrap(name);
    }

    /** Once nobody needs it any more. */
    void free() {
        if (mapping != null) {
            Memory.unmap(mapping);
        }
    }
}
