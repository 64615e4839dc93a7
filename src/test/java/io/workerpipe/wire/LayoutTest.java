package io.workerpipe.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Where alerts lie: Layout says it, Encoder does it, and no packet crosses a page. */
@Timeout(300)
class LayoutTest {
    private static final int[] BODIES = {0, 1, 2, 15, 16, 17, 495, 496, 497, 511, 512, 513, 3567, 3568, 3569, 4063,
            4064,
            4065, 4066, 4078, 4079, 4080, 4081, 4082, 8143, 8144, 8145, 8159, 8160, 8161, 12_239, 12_240, 12_241};
    private static final byte[] CONTENT = content(20_000);

    @Test
    void shouldEndWhereTheEncoderDoesForAllOffsetsInAPageAndAllBoundarySizes() {
        for (int offset = 0; offset <= 4080; offset++) {
            for (int body : BODIES) {
                check(offset, Math.min(body, offset % 255), body - Math.min(body, offset % 255));
            }
        }
    }

    @Test
    void shouldEndWhereTheEncoderDoesForAnyNameAndSize() {
        long seed = System.nanoTime();
        System.out.println("LayoutTest seed " + seed);
        Random random = new Random(seed);
        for (int i = 0; i < 20_000; i++) {
            check(random.nextInt(4081) + 4096L * random.nextInt(1 << 30), random.nextInt(255), random.nextInt(20_000));
        }
    }

    private static void check(long position, int nameLength, int dataLength) {
        String what = "at %d, name %d, data %d".formatted(position, nameLength, dataLength);
        PageStream pages = new PageStream(position, 2 * (dataLength + 5000));
        byte[] name = Arrays.copyOfRange(CONTENT, 100, 100 + nameLength);
        Encoder.encode(pages, position, 7, 9, 0, name, MemorySegment.ofArray(CONTENT).asSlice(0, dataLength));

        assertEqual(pages.end(), Layout.end(position, nameLength, dataLength), what);
        if (Layout.fitsPage(position, nameLength + dataLength)) {
            assertEqual(position + Layout.wholeBytes(position, nameLength + dataLength), pages.end(), what);
        }
        assertEqual(pages.takeAlerts(), 1, what);
        int left = 4096 - (int) (pages.end() & 4095);
        assertEqual(left >= 16, true, what);
        int total = nameLength + dataLength;
        int at = (int) position & 4095;
        int done = 0;
        for (RawPacket packet : RawPacket.all(pages.bytes())) {
            assertEqual((at & 4095) + packet.bytes().length <= 4096, true, what + " crosses a page");
            at += packet.bytes().length;
            if (packet.kind() == '_') {
                assertEqual(done, 0, what + " padding before the alert only");
                assertEqual(packet.bytes().length < Layout.SPLIT_ROOM, true, what);
                assertEqual(at & 4095, 0, what + " padding to the end of the page");
                assertEqual(isZero(packet.bytes(), 16), true, what + " padding holds nothing");
                continue;
            }
            assertEqual(packet.kind(), packet.body() == total ? '$' : done == 0 ? '>' : '+', what);
            assertEqual(packet.total(), (long) total, what);
            assertEqual(packet.nameLength(), nameLength, what);
            assertEqual(done > 0 || packet.body() >= nameLength, true, what + " whole name in the first packet");
            assertEqual(packet.flags() & ~15, 0, what);
            for (int i = 0; i < packet.body(); i++) {
                int in = done + i;
                byte expected = in < nameLength ? name[in] : CONTENT[in - nameLength];
                if (packet.bytes()[16 + i] != expected) {
                    throw new AssertionError(what + ": byte " + in + " is wrong");
                }
            }
            assertEqual(isZero(packet.bytes(), 16 + packet.body()), true, what + " skipped bytes hold nothing");
            done += packet.body();
        }
        assertEqual(done, total, what);
    }

    @Test
    void shouldPlaceLengthsOverTwoGigabytes() {
        long total = 254 + Packet.MAX_DATA;
        long pages = total / 4080;
        int last = (int) (total % 4080);
        assertThat(Layout.end(0, 254, Packet.MAX_DATA)).isEqualTo(pages * 4096 + 16 + last);
        // From the middle of a page: 2,048 bytes of it hold 2,032 of the body.
        long rest = total - 2032;
        assertThat(Layout.end(2048, 254, Packet.MAX_DATA))
                .isEqualTo(4096 + rest / 4080 * 4096 + 16 + rest % 4080);
    }

    @Test
    void shouldSplitOnlyWhereThereIsRoom() {
        byte[] name = {};
        MemorySegment data = MemorySegment.ofArray(CONTENT).asSlice(0, 1000);
        PageStream split = new PageStream(4096 - Layout.SPLIT_ROOM, 8192);
        Encoder.encode(split, 4096 - Layout.SPLIT_ROOM, 7, 9, 0, name, data);
        assertThat(RawPacket.all(split.bytes())).extracting(RawPacket::kind).containsExactly('>', '+');

        PageStream padded = new PageStream(4096 - Layout.SPLIT_ROOM + 1, 8192);
        Encoder.encode(padded, 4096 - Layout.SPLIT_ROOM + 1, 7, 9, 0, name, data);
        assertThat(RawPacket.all(padded.bytes())).extracting(RawPacket::kind).containsExactly('_', '$');
    }

    /** What a page held before was meant for somebody else, and may look like a packet. */
    private static boolean isZero(byte[] bytes, int from) {
        for (int i = from; i < bytes.length; i++) {
            if (bytes[i] != 0) {
                return false;
            }
        }
        return true;
    }

    private static void assertEqual(Object actual, Object expected, String what) {
        // AssertJ's own would make this take minutes.
        if (!actual.equals(expected)) {
            throw new AssertionError(what + ": expected " + expected + ", got " + actual);
        }
    }

    static byte[] content(int length) {
        byte[] content = new byte[length];
        new Random(42).nextBytes(content);
        return content;
    }
}
