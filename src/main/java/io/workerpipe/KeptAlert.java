package io.workerpipe;

import java.lang.foreign.MemorySegment;

/** A copied alert. Immutable; any thread. */
final class KeptAlert extends Alert {
    private final String name;
    private final int pid;
    private final int slot;
    private final long incarnation;
    private final MemorySegment data;

    KeptAlert(Ipc ipc, String name, int pid, int slot, long incarnation, MemorySegment data) {
        super(ipc);
        this.name = name;
        this.pid = pid;
        this.slot = slot;
        this.incarnation = incarnation;
        this.data = data;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public long senderPid() {
        return pid;
    }

    @Override
    int senderSlot() {
        return slot;
    }

    @Override
    long senderIncarnation() {
        return incarnation;
    }

    @Override
    public long length() {
        return data.byteSize();
    }

    @Override
    public MemorySegment data() {
        return data;
    }

    @Override
    public Alert copy() {
        return this;
    }
}
