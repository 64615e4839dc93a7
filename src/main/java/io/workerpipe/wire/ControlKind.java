package io.workerpipe.wire;

/** What a control packet says, in the first byte of its body. */
public final class ControlKind {
    /** The sender is live from now on. */
    public static final byte JOINED = 1;
    /** The sender wants nothing new. */
    public static final byte LEFT = 2;
    /** The sender has dropped alerts to this worker; see {@link LossNotice}. */
    public static final byte LOSS = 3;

    private ControlKind() {}
}
