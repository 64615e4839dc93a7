package io.workerpipe;

import io.workerpipe.linux.Memory;
import io.workerpipe.loop.Delivery;
import io.workerpipe.loop.Generation;
import io.workerpipe.wire.Packet;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** The alert that is being handled. Used by the reader thread only, while a handler runs. */
final class CurrentAlert extends Alert {
    /** Data up to this length is copied to the heap; what is longer gets a mapping of its own. */
    private static final long HEAP_COPY = 1 << 20;

    private final Thread reader;
    private boolean handled;
    private Generation generation;
    private long nameOffset;
    /** The halves of its header. */
    private long first;
    private long second;

    /** It moves from alert to alert. */
    CurrentAlert(Ipc ipc, Thread reader) {
        super(ipc);
        this.reader = reader;
    }

    /** A handler begins; see {@link Delivery#deliver}. */
    void begin(long first, long second, Generation generation, long nameOffset) {
        if (this.generation != generation) {
            // As a rule it is the same; to store a reference is work for the garbage collector.
            this.generation = generation;
        }
        this.first = first;
        this.second = second;
        this.nameOffset = nameOffset;
        handled = true;
    }

    /** It has returned. */
    void end() {
        handled = false;
    }

    boolean isHandled() {
        return handled;
    }

    private void check() {
        if (Thread.currentThread() != reader) {
            throw new IllegalStateException("the current alert belongs to thread '" + reader.getName() + "', not to '"
                    + Thread.currentThread().getName() + "': pass on alert.copy()");
        }
        if (!handled) {
            throw new IllegalStateException(
                    "this alert's handler has returned: what is needed longer is kept by alert.copy()");
        }
    }

    @Override
    public String name() {
        check();
        return Packet.name(generation.memory(), nameOffset, second);
    }

    @Override
    public long senderPid() {
        check();
        return Packet.pid(first);
    }

    @Override
    int senderSlot() {
        check();
        return Packet.slot(second);
    }

    @Override
    long senderIncarnation() {
        return 0;
    }

    @Override
    public long length() {
        check();
        return Packet.dataLength(first, second);
    }

    @Override
    public MemorySegment data() {
        check();
        return generation.scoped().asSlice(dataOffset(), Packet.dataLength(first, second));
    }

    private long dataOffset() {
        return nameOffset + Packet.nameLength(second);
    }

    @Override
    public Alert copy() {
        long length = length();
        MemorySegment copy = length <= HEAP_COPY
                ? MemorySegment.ofArray(new byte[(int) length])
                : Memory.map(length).reinterpret(Arena.ofAuto(), Memory::unmap).asSlice(0, length);
        MemorySegment.copy(generation.memory(), dataOffset(), copy, 0, length);
        // It may be answered much later, when the same slot, or even the same process id, is another worker's.
        int pid = Packet.pid(first);
        int slot = Packet.slot(second);
        long incarnation = ipc().worker(pid, slot).map(Worker::incarnation).orElse(-1L);
        return new KeptAlert(ipc(), name(), pid, slot, incarnation, copy.asReadOnly());
    }
}
