package io.workerpipe.fuzz;

import java.util.Arrays;

/** The bytes of a fuzzer, taken one after the other; zeros when they are used up. */
public final class FuzzInput {
    private final byte[] bytes;
    private int at;

    public FuzzInput(byte[] bytes) {
        this.bytes = bytes;
    }

    public boolean isUsedUp() {
        return at >= bytes.length;
    }

    /** 0 to 255. */
    public int next() {
        return isUsedUp() ? 0 : bytes[at++] & 0xFF;
    }

    /** 0 to 65,535. */
    public int nextShort() {
        return next() | next() << 8;
    }

    public int nextInt() {
        return nextShort() | nextShort() << 16;
    }

    /** So many bytes, or what is left. */
    public byte[] take(int most) {
        int from = Math.min(at, bytes.length);
        int to = Math.min(bytes.length, from + most);
        at = to;
        return Arrays.copyOfRange(bytes, from, to);
    }
}
