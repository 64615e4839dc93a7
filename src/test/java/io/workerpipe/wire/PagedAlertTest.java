package io.workerpipe.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** An alert encoded some pages at a time is the same as one encoded at once. */
@Timeout(60)
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
                    MemorySegment to = MemorySegment.ofArray(new byte[5 + maxPages * 4096]).fill((byte) 0xA5);
                    int bytes = alert.fill(to, 5, maxPages);
                    assertThat(bytes).isBetween(16, maxPages * 4096);
                    assertThat(alert.done() || bytes == maxPages * 4096).isTrue();
                    byte[] filled = to.asSlice(5, bytes).toArray(ValueLayout.JAVA_BYTE);
                    all = RawPacket.join(all, filled);
                }
                assertThat(all).isEqualTo(pages.bytes());
                assertThat(alert.fill(MemorySegment.ofArray(new byte[4096]), 0, 1)).isZero();
            }
        }
    }

    @Test
    void shouldAbortWhatTheReceiverHasBegun() {
        Arena arena = Arena.ofShared();
        PagedAlert alert = new PagedAlert(7, 9, NAME, arena.allocate(20_000));
        byte[] staging = new byte[3 * 4096];
        MemorySegment to = MemorySegment.ofArray(staging);
        int first = alert.fill(to, 0, 2);
        byte[] sent = Arrays.copyOf(staging, first);
        arena.close();

        assertThatThrownBy(() -> alert.fill(to, 0, 2)).isInstanceOf(IllegalStateException.class);
        int last = alert.abort(to, 0);

        assertThat(alert.done()).isTrue();
        Reader reader = new Reader().readAll(sent, Arrays.copyOf(staging, last), RawPacket.whole(7, 9, "", "after"));
        assertThat(reader.texts()).containsExactly("after");
        assertThat(reader.reassembler.aborted()).isEqualTo(1);
        assertThat(reader.reassembler.openParts()).isZero();
        assertThat(alert.fill(to, 0, 2)).isZero();
    }
}
