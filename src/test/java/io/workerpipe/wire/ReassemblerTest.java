package io.workerpipe.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Alerts come out as they went in, wherever the stream of bytes is cut. */
@Timeout(300)
class ReassemblerTest {
    private static final byte[] CONTENT = LayoutTest.content(20_000);
    private static final int[] TOTALS = {0, 1, 15, 16, 254, 255, 4063, 4064, 4065, 4079, 4080, 4081, 8159, 8160, 8161,
            12_240, 12_241};

    private record Sent(int pid, String name, byte[] data) {}

    private static byte[] data(int length) {
        return Arrays.copyOf(CONTENT, length);
    }

    @Test
    void shouldDeliverEveryBoundarySizeFromEverySplitPoint() {
        for (String name : List.of("", "n", "N".repeat(254))) {
            for (int total : TOTALS) {
                if (total < name.length()) {
                    continue;
                }
                byte[] data = data(total - name.length());
                byte[] stream = RawPacket.join(RawPacket.parts(5, 1, name, data));
                for (int split = 0; split <= stream.length; split++) {
                    Reader reader = new Reader().read(stream, 0, split, false).read(stream, split, stream.length,
                            false);
                    checkOne(reader, name, data, total + " split at " + split);
                }
            }
        }
    }

    private static void checkOne(Reader reader, String name, byte[] data, String what) {
        if (reader.alerts.size() != 1 || !reader.alerts.getFirst().is(5, name, data) || reader.tail() != 0
                || reader.reserved() != 0 || reader.reassembler.openParts() != 0
                || reader.reassembler.openBytes() != 0 || reader.reassembler.brokenHeaders() != 0) {
            throw new AssertionError(what + ": " + reader.alerts);
        }
    }

    @Test
    void shouldDeliverAMixedStreamFromEverySplitPointAndByteByByte() {
        byte[] stream = mixedStream();
        Reader expected = new Reader().read(stream);
        assertThat(expected.alerts).hasSize(9);
        assertThat(expected.controls).hasSize(1);
        for (int split = 0; split <= stream.length; split++) {
            checkSame(new Reader().read(stream, 0, split, false).read(stream, split, stream.length, false), expected);
        }
        Reader one = new Reader();
        for (int at = 0; at < stream.length; at++) {
            one.read(stream, at, at + 1, false);
        }
        checkSame(one, expected);
    }

    private static void checkSame(Reader reader, Reader expected) {
        assertThat(reader.alerts).hasSameSizeAs(expected.alerts);
        for (int i = 0; i < reader.alerts.size(); i++) {
            Reader.Got got = expected.alerts.get(i);
            assertThat(reader.alerts.get(i).is(got.pid(), got.name(), got.data())).isTrue();
        }
        assertThat(reader.controls).hasSameSizeAs(expected.controls);
        assertThat(reader.tail()).isZero();
        assertThat(reader.reserved()).isZero();
        assertThat(reader.reassembler.brokenHeaders()).isZero();
        assertThat(reader.reassembler.strayParts()).isZero();
    }

    /** As our encoder writes it: skipped bytes, padding, splits in the middle of pages, a control packet. */
    private static byte[] mixedStream() {
        PageStream pages = new PageStream(0, 40_000);
        int[] lengths = {0, 10, 4020, 3, 5000, 700, 12_000, 4064, 1};
        for (int length : lengths) {
            encode(pages, 5, "alert", data(length));
        }
        Encoder.control(pages, pages.end(), 5, 1, ControlKind.JOINED);
        return pages.bytes();
    }

    private static void encode(PageStream pages, int pid, String name, byte[] data) {
        Encoder.encode(pages, pages.end(), pid, pid % 1000, 0, name.getBytes(), MemorySegment.ofArray(data));
        assertThat(pages.takeAlerts()).isEqualTo(1);
    }

    @Test
    void shouldKeepSendersApartWhenTheirPacketsAreMixed() {
        long seed = System.nanoTime();
        System.out.println("ReassemblerTest seed " + seed);
        Random random = new Random(seed);
        for (int round = 0; round < 200; round++) {
            List<Sent> sent = new ArrayList<>();
            List<List<byte[]>> lanes = new ArrayList<>();
            for (int lane = 0; lane < 1 + random.nextInt(40); lane++) {
                List<byte[]> packets = new ArrayList<>();
                // Pids of one slot, slots of one pid: both are the sender.
                int pid = 1 + lane / 2;
                for (int i = 0; i < 5; i++) {
                    Sent alert = new Sent(pid, "lane" + lane, data(random.nextInt(13_000)));
                    sent.add(alert);
                    packets.addAll(RawPacket.parts(pid, lane % 2, alert.name, alert.data));
                }
                lanes.add(packets);
            }
            List<byte[]> mixed = new ArrayList<>();
            while (!lanes.isEmpty()) {
                List<byte[]> lane = lanes.get(random.nextInt(lanes.size()));
                mixed.add(lane.removeFirst());
                lanes.removeIf(List::isEmpty);
            }
            byte[] stream = RawPacket.join(mixed);
            Reader reader = new Reader();
            for (int at = 0; at < stream.length;) {
                int end = Math.min(stream.length, at + 1 + random.nextInt(1 << random.nextInt(18)));
                reader.read(stream, at, end, false);
                at = end;
            }
            assertThat(reader.alerts).hasSameSizeAs(sent);
            for (int lane = 0; lane < 40; lane++) {
                String name = "lane" + lane;
                List<Sent> of = sent.stream().filter(s -> s.name.equals(name)).toList();
                List<Reader.Got> got = reader.alerts.stream().filter(g -> g.name().equals(name)).toList();
                assertThat(got).hasSameSizeAs(of);
                for (int i = 0; i < of.size(); i++) {
                    assertThat(got.get(i).is(of.get(i).pid, name, of.get(i).data)).isTrue();
                    assertThat(got.get(i).slot()).isEqualTo(lane % 2);
                }
            }
            assertThat(reader.reserved()).isZero();
            assertThat(reader.reassembler.openBytes()).isZero();
            assertThat(reader.reassembler.alerts()).isEqualTo(sent.size());
        }
    }

    @Test
    void shouldShowAWholeAlertWhereItWasRead() {
        byte[] stream = mixedStream();
        List<RawPacket> whole = RawPacket.all(stream).stream()
                .filter(packet -> packet.kind() == '$' && (packet.flags() & Packet.CONTROL) == 0).toList();
        Reader reader = new Reader().read(stream);
        assertThat(whole).hasSizeBetween(1, 8);
        assertThat(reader.views()).isEqualTo(whole.size());
        assertThat(reader.alerts).hasSize(9);
    }

    @Test
    void shouldShowNoBitsOfTheLayoutAsFlags() {
        // 4,065 bytes leave 15 to the end of the page.
        PageStream pages = new PageStream(0, 3 * 4096);
        encode(pages, 5, "", data(4065));
        encode(pages, 5, "", data(4080 + 4065));
        Reader reader = new Reader().read(pages.bytes());

        assertThat(RawPacket.all(pages.bytes())).extracting(RawPacket::flags).containsExactly(15, 0, 15);
        assertThat(reader.alerts).extracting(Reader.Got::flags).containsExactly(0, 0);
    }

    @Test
    void shouldTellHowMuchIsOpen() {
        List<byte[]> parts = RawPacket.parts(5, 1, "n", data(10_000));
        Reader reader = new Reader().read(parts.get(0));
        assertThat(reader.reassembler.openParts()).isEqualTo(1);
        assertThat(reader.reassembler.openBytes()).isEqualTo(4080);
        reader.read(parts.get(1));
        assertThat(reader.reassembler.openBytes()).isEqualTo(8160);
        reader.read(parts.get(2));
        assertThat(reader.reassembler.openParts()).isZero();
        assertThat(reader.reassembler.openBytes()).isZero();
        assertThat(reader.reassembler.alerts()).isEqualTo(1);
    }

    @Test
    void shouldFreeWhatASenderLeftBehind() {
        Reader reader = new Reader().read(RawPacket.parts(5, 1, "n", data(10_000)).getFirst())
                .read(RawPacket.parts(5, 2, "n", data(10_000)).getFirst());
        reader.reassembler.senderGone(5, 3);
        assertThat(reader.reserved()).isEqualTo(2);
        reader.reassembler.senderGone(5, 1);
        reader.reassembler.senderGone(5, 1);
        assertThat(reader.reserved()).isEqualTo(1);
        assertThat(reader.reassembler.openParts()).isEqualTo(1);
        assertThat(reader.reassembler.openBytes()).isEqualTo(4080);
        assertThat(reader.reassembler.droppedOpen()).isEqualTo(1);
    }

    @Test
    void shouldReleaseAllWhenClosed() {
        Reader reader = new Reader();
        for (int pid = 1; pid <= 100; pid++) {
            reader.read(RawPacket.parts(pid, 1, "n", data(10_000)).getFirst());
        }
        assertThat(reader.reserved()).isEqualTo(100);
        reader.reassembler.close();
        assertThat(reader.reserved()).isZero();
    }

    @Test
    void shouldBeConsistentAndFreeTheMemoryWhenASinkThrows() {
        // It must not, but nothing may leak or come twice if it does.
        Reader memory = new Reader();
        int[] calls = {0};
        AlertSink throwing = new AlertSink() {
            @Override
            public void alert(long first, long second, MemorySegment m, long nameOffset) {
                calls[0]++;
                throw new IllegalStateException("the test says so");
            }

            @Override
            public void control(int pid, int slot, MemorySegment m, long offset, int length) {
                calls[0]++;
            }
        };
        Reassembler reassembler = new Reassembler(throwing, (pid, slot) -> false, memory, 1 << 20);
        byte[] stream = RawPacket.join(RawPacket.parts(5, 1, "n", data(10_000)));
        assertThatThrownBy(() -> reassembler.accept(MemorySegment.ofArray(stream), 0, stream.length, true))
                .hasMessage("the test says so");
        assertThat(memory.reserved()).isZero();
        assertThat(reassembler.openParts()).isZero();
        assertThat(reassembler.openBytes()).isZero();
        byte[] control = RawPacket.of(5, 1, 1, 1, 0, '$', Packet.CONTROL, 0, new byte[]{ControlKind.LEFT});
        assertThat(reassembler.accept(MemorySegment.ofArray(control), 0, control.length, true))
                .isEqualTo(control.length);
        assertThat(calls[0]).isEqualTo(2);
    }
}
