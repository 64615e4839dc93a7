package io.workerpipe.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** An alert encoded some pages at a time is the same as one encoded at once. */
@Timeout(300)
class PagedAlertTest {
    private static final byte[] NAME = {'b', 'i', 'g'};

    @Test
    void shouldWriteTheEncodersBytesWhateverThePieces() {
        byte[] content = LayoutTest.content(30_000);
        for (int length : new int[]{0, 1, 4061, 4062, 4076, 4077, 4078, 8156, 8157, 8158, 30_000}) {
            MemorySegment data = MemorySegment.ofArray(content).asSlice(0, length);
            PageStream pages = new PageStream(0, length + 9000);
            Encoder.encode(pages, 0, 7, 9, 0, NAME, data);
            for (int maxPages = 1; maxPages <= 9; maxPages++) {
                PagedAlert alert = new PagedAlert(7, 9, NAME, data);
                assertThat(alert.wireLength()).isEqualTo(pages.end());
                byte[] all = new byte[0];
                while (!alert.done()) {
                    MemorySegment to = Arena.ofAuto().allocate(5 + maxPages * 4096).fill((byte) 0xA5);
                    int bytes = alert.fill(to.address() + 5, maxPages);
                    assertThat(bytes).isBetween(16, maxPages * 4096);
                    assertThat(alert.done() || bytes == maxPages * 4096).isTrue();
                    byte[] filled = to.asSlice(5, bytes).toArray(ValueLayout.JAVA_BYTE);
                    all = RawPacket.join(all, filled);
                }
                assertThat(all).isEqualTo(pages.bytes());
                assertThat(alert.fill(0, 1)).isZero();
            }
        }
    }

    @Test
    void shouldAbortWhatTheReceiverHasBegun() {
        Arena arena = Arena.ofShared();
        PagedAlert alert = new PagedAlert(7, 9, NAME, arena.allocate(20_000));
        MemorySegment to = Arena.ofAuto().allocate(3 * 4096);
        int first = alert.fill(to.address(), 2);
        byte[] sent = to.asSlice(0, first).toArray(ValueLayout.JAVA_BYTE);
        arena.close();

        assertThatThrownBy(() -> alert.fill(to.address(), 2)).isInstanceOf(IllegalStateException.class);
        int last = alert.abort(to.address());

        assertThat(alert.done()).isTrue();
        Reader reader = new Reader().readAll(sent, to.asSlice(0, last).toArray(ValueLayout.JAVA_BYTE),
                RawPacket.whole(7, 9, "", "after"));
        assertThat(reader.texts()).containsExactly("after");
        assertThat(reader.reassembler.aborted()).isEqualTo(1);
        assertThat(reader.reassembler.openParts()).isZero();
        assertThat(alert.fill(to.address(), 2)).isZero();
    }
}
