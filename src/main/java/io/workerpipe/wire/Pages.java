package io.workerpipe.wire;

import java.lang.foreign.MemorySegment;

/** A stream of 4,096-byte pages, addressed by position, that an {@link Encoder} writes to. */
public interface Pages {
    /** The memory that holds the page of a position, to its end at least. */
    MemorySegment memory(long position);

    /** Where in that memory the position is. */
    long offset(long position);

    /**
     * Whole packets are there; said once for each page that was written to, in order.
     *
     * @param position where they begin
     * @param bytes    how many bytes, within one page
     * @param alerts   1 with the packet that ends an alert, else 0
     */
    void written(long position, int bytes, int alerts);
}
