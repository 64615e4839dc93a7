package io.workerpipe.wire;

/** Says who may be the sender of a packet, when its header is all there is to judge by. */
@FunctionalInterface
public interface SenderCheck {
    /** Whether this process holds this slot. */
    boolean isMember(int pid, int slot);
}
