package io.workerpipe.wire;

import java.lang.foreign.MemorySegment;

/** Takes what a {@link Reassembler} makes out of packets, on its thread. Must not throw. */
public interface AlertSink {
    /**
     * A whole alert. The memory is the read buffer, or the memory of its parts; valid until the call returns.
     *
     * @param first      of the header of its packet, or of its last one, the first half
     * @param second     and the second
     * @param nameOffset where the name is; the data follows it
     */
    void alert(long first, long second, MemorySegment memory, long nameOffset);

    /** The first packet of an alert of several. If its sender ends now, {@link Reassembler#senderGone} must be told. */
    default void opened(int pid, int slot) {}

    /**
     * A control packet.
     *
     * @param offset where its body is; the first byte is its {@link ControlKind}
     * @param length bytes of the body, at least one
     */
    void control(int pid, int slot, MemorySegment memory, long offset, int length);
}
