package io.workerpipe.wire;

/** A stream of 4,096-byte pages of native memory, by position, that an {@link Encoder} writes to. */
public interface Pages {
    /** The address of a position; all of its page lies there. The memory stays until that is written. */
    long address(long position);

    /**
     * Whole packets are there; said once for each page that was written to, in order.
     *
     * @param position where they begin
     * @param bytes    how many bytes, within one page
     * @param alerts   1 with the packet that ends an alert, else 0
     */
    void written(long position, int bytes, int alerts);
}
