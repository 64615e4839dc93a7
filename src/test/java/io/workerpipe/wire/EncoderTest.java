package io.workerpipe.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Control packets, padding, and ranges that are completed although their data cannot be read. */
@Timeout(300)
class EncoderTest {
    private static final int PID = 77;
    private static final int SLOT = 3;
    private static final byte[] NAME = {'n', 'a', 'm', 'e'};

    @Test
    void shouldWriteTheHeaderThatTheDesignSays() {
        PageStream pages = new PageStream(0, 100);
        Encoder.encode(pages, 0, 0x01020304, 0x0506, 0, NAME, MemorySegment.ofArray(new byte[]{9, 8}));

        assertThat(pages.bytes()).containsExactly(4, 3, 2, 1, 6, 0, 0, 0, 6, 5, 6, 0, 4, '$', 0, 0, 'n', 'a', 'm', 'e',
                9, 8);
    }

    /** All of it, nothing else, and nothing written behind. */
    @Test
    void shouldCopyDataOfAnyLengthFromAnyMemory() {
        byte[] content = LayoutTest.content(120);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment outside = arena.allocate(120).copyFrom(MemorySegment.ofArray(content));
            MemorySegment longs = MemorySegment.ofArray(new long[15]).copyFrom(outside);
            for (int length = 0; length <= 100; length++) {
                for (MemorySegment memory : List.of(MemorySegment.ofArray(content), outside, longs,
                        outside.asReadOnly())) {
                    MemorySegment data = memory.asSlice(length % 8 + 1, length);
                    PageStream pages = new PageStream(0, 200);
                    Encoder.encode(pages, 0, PID, SLOT, 0, NAME, data);
                    assertThat(pages.bytes()).isEqualTo(
                            RawPacket.whole(PID, SLOT, "name", data.toArray(ValueLayout.JAVA_BYTE)));
                }
            }
        }
    }

    @Test
    void shouldWriteDataOfAnArrayLikeThatOfASegment() {
        byte[] content = LayoutTest.content(4080);
        for (int nameLength : new int[]{0, 1, 3, 4, 7, 8, 9, 15, 16, 17, 100, 254}) {
            String name = "n".repeat(nameLength);
            for (int length : new int[]{0, 1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 64, 65, 1000, 3826}) {
                byte[] data = Arrays.copyOf(content, length);
                for (int skip = 0; skip < 16 && nameLength + length + skip <= 4080; skip++) {
                    PageStream pages = new PageStream(0, 4096);
                    int bytes = 16 + nameLength + length + skip;
                    Encoder.packet(pages.address(0), bytes, PID, SLOT, name.getBytes(), data);
                    pages.written(0, bytes, 1);

                    byte[] expected = Arrays.copyOf(RawPacket.whole(PID, SLOT, name, data), bytes);
                    expected[14] = (byte) skip;
                    assertThat(pages.bytes()).as("name %d, data %d, skip %d", nameLength, length, skip)
                            .isEqualTo(expected);
                }
            }
        }
    }

    @Test
    void shouldKeepControlPacketsInOnePacketWhereverTheyAre() {
        for (int offset = 0; offset <= 4080; offset++) {
            PageStream pages = new PageStream(offset, 200);
            Encoder.control(pages, offset, PID, SLOT, ControlKind.LEFT);

            assertThat(pages.end()).isEqualTo(Layout.end(offset, 0, 1));
            assertThat(pages.takeAlerts()).isZero();
            Reader reader = new Reader().readAll(pages.bytes());
            assertThat(reader.alerts).isEmpty();
            assertThat(reader.controls).hasSize(1);
            assertThat(reader.controls.getFirst().is(PID, "", new byte[]{ControlKind.LEFT})).isTrue();
            assertThat(reader.reassembler.brokenHeaders()).isZero();
        }
    }

    @Test
    void shouldPassOnTheFlagsOfEachPacket() {
        PageStream pages = new PageStream(3000, 20_000);
        Encoder.encode(pages, 3000, PID, SLOT, Packet.ANSWER, NAME, MemorySegment.ofArray(new byte[9000]));

        assertThat(RawPacket.all(pages.bytes())).hasSize(3).allMatch(packet -> (packet.flags() & ~15) == 0x80);
    }

    @Test
    void shouldPadAWholePage() {
        PageStream pages = new PageStream(0, 4096);
        Encoder.padding(pages, 0, PID, SLOT, 4096);

        assertThat(pages.bytes()).isEqualTo(RawPacket.padding(PID, SLOT, 4080, 0));
    }

    @Test
    void shouldCompleteTheRangeWhenTheArenaWasClosedBefore() {
        for (int offset = 0; offset <= 4080; offset += 16) {
            for (int length : new int[]{1, 500, 4000, 4062, 4076, 4077, 20_000}) {
                Arena arena = Arena.ofShared();
                MemorySegment data = arena.allocate(length);
                arena.close();
                checkGivenUp(new PageStream(offset, 2 * length + 9000), offset, data, 0);
            }
        }
    }

    @Test
    void shouldCompleteTheRangeAndAbortWhenTheArenaIsClosedMidway() {
        for (int offset : new int[]{0, 16, 2000, 3584, 3585, 4000, 4080}) {
            for (int length : new int[]{4077, 8155, 8156, 8157, 20_000, 20_500}) {
                boolean padded = offset > 3584;
                int pages = (int) (Layout.end(offset, 4, length) / 4096);
                for (int closedAfter = padded ? 2 : 1; closedAfter <= pages; closedAfter++) {
                    Arena arena = Arena.ofShared();
                    MemorySegment data = arena.allocate(length);
                    int[] pagesLeft = {closedAfter};
                    PageStream stream = new PageStream(offset, 2 * length + 9000).afterPage(position -> {
                        if (--pagesLeft[0] == 0) {
                            arena.close();
                        }
                    });
                    if (Layout.end(offset, 4, length) <= (long) (offset / 4096 + closedAfter) * 4096) {
                        continue;
                    }
                    checkGivenUp(stream, offset, data, 1);
                }
            }
        }
    }

    /** The range is as long as it was claimed, and what is before and after it arrives. */
    private static void checkGivenUp(PageStream pages, long position, MemorySegment data, int aborted) {
        assertThatThrownBy(() -> Encoder.encode(pages, position, PID, SLOT, 0, NAME, data))
                .isInstanceOf(IllegalStateException.class);

        String what = "at " + position + ", data " + data.byteSize();
        assertThat(pages.end()).as(what).isEqualTo(Layout.end(position, NAME.length, data.byteSize()));
        assertThat(pages.takeAlerts()).as(what).isZero();
        byte[] stream = pages.bytes();
        List<RawPacket> packets = RawPacket.all(stream);
        assertThat(packets).as(what).filteredOn(packet -> packet.flags() == Packet.ABORTED).hasSize(aborted)
                .allMatch(packet -> packet.kind() == '_');
        assertThat(packets).filteredOn(packet -> packet.kind() == '_').allSatisfy(packet -> assertThat(packet.bytes())
                .isEqualTo(RawPacket.padding(PID, SLOT, packet.body(), packet.flags())));
        Reader reader = new Reader().readAll(RawPacket.whole(PID, SLOT, "", "before"), stream,
                RawPacket.whole(PID, SLOT, "", "after"));
        assertThat(reader.texts()).as(what).containsExactly("before", "after");
        assertThat(reader.reassembler.aborted()).as(what).isEqualTo(aborted);
        assertThat(reader.reassembler.droppedOpen()).isZero();
        assertThat(reader.reassembler.brokenHeaders()).isZero();
        assertThat(reader.reserved()).isZero();
    }

    /** The InternalError may come late; until compiled code runs it does not, so this tries often. */
    @Test
    void shouldCompleteTheRangeWhenAMappedFileWasTruncated(@TempDir Path folder) throws IOException {
        Path file = Files.write(folder.resolve("data"), new byte[5 * 4096]);
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE);
                Arena arena = Arena.ofShared()) {
            MemorySegment data = channel.map(FileChannel.MapMode.READ_ONLY, 0, 5 * 4096, arena);
            channel.truncate(2 * 4096);
            int missed = 0;
            for (int i = 0; i < 20_000; i++) {
                long offset = i % 2 == 0 ? 0 : 2048;
                PageStream pages = new PageStream(offset, 7 * 4096);
                try {
                    Encoder.encode(pages, offset, PID, SLOT, 0, NAME, data);
                    missed++;
                } catch (InternalError expected) {
                    assertThat(pages.end()).isEqualTo(Layout.end(offset, 4, 5 * 4096));
                    assertThat(pages.takeAlerts()).isZero();
                    assertThat(RawPacket.all(pages.bytes())).extracting(RawPacket::kind)
                            .containsExactly('>', '+', '_', '_', '_', '_');
                }
                PageStream small = new PageStream(offset, 4096);
                try {
                    Encoder.encode(small, offset, PID, SLOT, 0, NAME, data.asSlice(4 * 4096, 1000));
                    missed++;
                } catch (InternalError expected) {
                    assertThat(small.end()).isEqualTo(Layout.end(offset, 4, 1000));
                    assertThat(RawPacket.all(small.bytes())).extracting(RawPacket::kind).containsExactly('_');
                    assertThat(small.takeAlerts()).isZero();
                }
            }
            assertThat(missed).isZero();
        }
    }
}
