package io.workerpipe.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.function.LongConsumer;

/** A stream of pages in one array, which holds the encoder to what {@link Pages} says. */
final class PageStream implements Pages {
    /** What the pages hold before: somebody else's bytes, which must never go out. */
    static final byte STALE = (byte) 0xA5;

    private final MemorySegment memory;
    private final long start;
    private long next;
    private int alerts;
    private LongConsumer afterPage = position -> {};

    PageStream(long start, int bytes) {
        this.start = start;
        this.next = start;
        long room = (start & 4095) + bytes;
        // A page more than there should be: nothing but this finds what is written behind.
        memory = Arena.ofAuto().allocate((room + 4095) / 4096 * 4096 + 4096).fill(STALE);
    }

    PageStream afterPage(LongConsumer action) {
        afterPage = action;
        return this;
    }

    @Override
    public long address(long position) {
        assertThat(position).as("claimed positions go up").isEqualTo(next);
        return memory.address() + offset(position);
    }

    private long offset(long position) {
        return position - (start & -4096);
    }

    @Override
    public void written(long position, int bytes, int completed) {
        assertThat(position).as("reported in order, each byte once").isEqualTo(next);
        assertThat((position & 4095) + bytes).as("reported within one page").isLessThanOrEqualTo(4096);
        assertThat(bytes).isGreaterThanOrEqualTo(16);
        assertThat(completed).isBetween(0, 1);
        assertThat(alerts == 0 || completed == 0).isTrue();
        next += bytes;
        alerts += completed;
        afterPage.accept(position);
    }

    /** The position behind what was written. */
    long end() {
        return next;
    }

    /** Alerts completed since this was asked for the last time. */
    int takeAlerts() {
        int taken = alerts;
        alerts = 0;
        return taken;
    }

    /** All that was written; what lies behind must be as it was. */
    byte[] bytes() {
        for (long at = offset(next); at < memory.byteSize(); at++) {
            if (memory.get(ValueLayout.JAVA_BYTE, at) != STALE) {
                throw new AssertionError("written behind the claim, at offset " + at);
            }
        }
        return memory.asSlice(offset(start), next - start).toArray(ValueLayout.JAVA_BYTE);
    }
}
