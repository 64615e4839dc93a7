package io.workerpipe;

import io.workerpipe.linux.Memory;
import io.workerpipe.loop.Received;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** The alert that is being handled. Used by the reader thread only, while a handler runs. */
final class CurrentAlert extends Alert {
    /** Data up to this length is copied to the heap; what is longer gets a mapping of its own. */
    private static final long HEAP_COPY = 1 << 20;

    private final Thread reader;
    private final Received received;
    private boolean handled;

    /** @param received moves from alert to alert */
    CurrentAlert(Ipc ipc, Thread reader, Received received) {
        super(ipc);
        this.reader = reader;
        this.received = received;
    }

    /** A handler begins, or has returned. */
    void handled(boolean now) {
        handled = now;
    }

    boolean isHandled() {
        return handled;
    }

    private Received current() {
        if (Thread.currentThread() != reader) {
            throw new IllegalStateException("the current alert belongs to thread '" + reader.getName() + "', not to '"
                    + Thread.currentThread().getName() + "': pass on alert.copy()");
        }
        if (!handled) {
            throw new IllegalStateException(
                    "this alert's handler has returned: what is needed longer is kept by alert.copy()");
        }
        return received;
    }

    @Override
    public String name() {
        return current().name();
    }

    @Override
    public long senderPid() {
        return current().pid();
    }

    @Override
    int senderSlot() {
        return current().slot();
    }

    @Override
    long senderIncarnation() {
        return 0;
    }

    @Override
    public long length() {
        return current().dataLength();
    }

    @Override
    public MemorySegment data() {
        return current().data();
    }

    @Override
    public Alert copy() {
        Received from = current();
        long length = from.dataLength();
        MemorySegment copy = length <= HEAP_COPY
                ? MemorySegment.ofArray(new byte[(int) length])
                : Memory.map(length).reinterpret(Arena.ofAuto(), Memory::unmap).asSlice(0, length);
        from.copyData(copy);
        // It may be answered much later, when the same slot, or even the same process id, is another worker's.
        long incarnation = ipc().worker(from.pid(), from.slot()).map(Worker::incarnation).orElse(-1L);
        return new KeptAlert(ipc(), from.name(), from.pid(), from.slot(), incarnation, copy.asReadOnly());
    }
}
