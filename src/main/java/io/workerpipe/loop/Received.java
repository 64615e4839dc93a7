package io.workerpipe.loop;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;

/** The alert that is being handled: a view that moves from alert to alert. Used by the reader thread only. */
public final class Received {
    private MemorySegment memory;
    private Generation generation;
    private int pid;
    private int slot;
    private long nameOffset;
    private int nameLength;
    private long dataOffset;
    private long dataLength;

    void wrap(int pid, int slot, MemorySegment memory, Generation generation, long nameOffset, int nameLength,
            long dataOffset, long dataLength) {
        this.pid = pid;
        this.slot = slot;
        if (this.memory != memory || this.generation != generation) {
            // As a rule they are the same; to store a reference is work for the garbage collector.
            this.memory = memory;
            this.generation = generation;
        }
        this.nameOffset = nameOffset;
        this.nameLength = nameLength;
        this.dataOffset = dataOffset;
        this.dataLength = dataLength;
    }

    /** The sender's process id, as its packet says. */
    public int pid() {
        return pid;
    }

    /** The sender's slot, as its packet says. */
    public int slot() {
        return slot;
    }

    /** The name, decoded anew at each call. */
    public String name() {
        byte[] bytes = new byte[nameLength];
        MemorySegment.copy(memory, ValueLayout.JAVA_BYTE, nameOffset, bytes, 0, nameLength);
        return new String(bytes, StandardCharsets.UTF_8);
    }

    /** Bytes of data. */
    public long dataLength() {
        return dataLength;
    }

    /** The data where it lies; valid until the memory is used again, for this thread. */
    public MemorySegment data() {
        return generation.scoped(memory).asSlice(dataOffset, dataLength);
    }

    /** Copies the data; for the reader thread only, while the alert is being handled. */
    public void copyData(MemorySegment to) {
        MemorySegment.copy(memory, dataOffset, to, 0, dataLength);
    }
}
