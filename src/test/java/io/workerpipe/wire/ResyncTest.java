package io.workerpipe.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Back in step after bytes that are no packet: what counts as one, what it costs, and that it ends. */
@Timeout(300)
class ResyncTest {
    private static final int MEMBER = 5;
    private static final byte[] JUNK = "hello, I am no packet\n".getBytes();

    private static byte[] member(String text) {
        return RawPacket.whole(MEMBER, MEMBER, "", text);
    }

    private static byte[] stranger(String text) {
        return RawPacket.whole(66, 66, "", text);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 7, 15, 16, 17, 31, 100, 4095, 4096, 4097, 20_000})
    void shouldCostTheJunkAloneWhereverTheReadIsCut(int length) {
        byte[] junk = new byte[length];
        Arrays.fill(junk, (byte) 'x');
        byte[] stream = RawPacket.join(member("a"), junk, member("b"), member("c"));
        for (int split = 0; split <= stream.length; split += length > 100 ? 13 : 1) {
            Reader reader = Reader.knowing(MEMBER).read(stream, 0, split, false).read(stream, split, stream.length,
                    true);
            assertThat(reader.texts()).containsExactly("a", "b", "c");
            assertThat(reader.reassembler.skippedBytes()).isEqualTo(length);
            assertThat(reader.reassembler.brokenHeaders()).isEqualTo(1);
        }
    }

    @Test
    void shouldNotBelieveAStrangersOnePacketBehindJunk() {
        Reader reader = Reader.knowing(MEMBER).read(RawPacket.join(JUNK, stranger("a"), JUNK, member("c")));
        assertThat(reader.texts()).containsExactly("c");
        assertThat(reader.reassembler.skippedBytes()).isEqualTo(17 + 2 * JUNK.length);
    }

    @Test
    void shouldNotBelieveAStrangerThatIsFollowedByOneOther() {
        Reader reader = Reader.knowing(MEMBER)
                .read(RawPacket.join(JUNK, stranger("a"), member("b"), JUNK, member("c")));
        assertThat(reader.texts()).containsExactly("c");
    }

    /** Somebody whom no roster lists writes much at once behind a lie: nothing of it may be lost. */
    @Test
    void shouldBelieveAStrangerBehindJunkThatGoesOn() {
        List<byte[]> stream = new ArrayList<>(List.of(member("a"), JUNK));
        List<String> expected = new ArrayList<>(List.of("a"));
        for (int i = 0; i < 100; i++) {
            stream.add(stranger("alert " + i));
            expected.add("alert " + i);
        }
        Reader reader = Reader.knowing(MEMBER).readAll(RawPacket.join(stream));
        assertThat(reader.texts()).isEqualTo(expected);
        assertThat(reader.reassembler.skippedBytes()).isEqualTo(JUNK.length);
    }

    /** A hundred command lines at once, one packet each. */
    @Test
    void shouldBelieveManyStrangersBehindJunk() {
        List<byte[]> stream = new ArrayList<>(List.of(member("a"), JUNK));
        List<String> expected = new ArrayList<>(List.of("a"));
        for (int i = 0; i < 100; i++) {
            stream.add(RawPacket.whole(1000 + i, i, "", "alert " + i));
            expected.add("alert " + i);
        }
        Reader reader = Reader.knowing(MEMBER).readAll(RawPacket.join(stream));
        assertThat(reader.texts()).isEqualTo(expected);
    }

    @Test
    void shouldBelieveASenderThatWasSeenInStep() {
        Reader reader = Reader.knowing(MEMBER)
                .read(RawPacket.join(stranger("a"), stranger("b"), JUNK, stranger("c"), member("d")));
        assertThat(reader.texts()).containsExactly("a", "b", "c", "d");
        assertThat(reader.reassembler.skippedBytes()).isEqualTo(JUNK.length);
    }

    @Test
    void shouldNotBelieveAStrangersFirstPacketThatIsFollowedByJunk() {
        // As it is where the bytes that a lie claims end in the middle of somebody's data.
        Reader reader = Reader.knowing(MEMBER).read(RawPacket.join(member("a"), stranger("b"), JUNK, member("c")));
        assertThat(reader.texts()).containsExactly("a", "c");
        assertThat(reader.reassembler.skippedBytes()).isEqualTo(17 + JUNK.length);
        assertThat(reader.reassembler.brokenHeaders()).isEqualTo(1);
    }

    @Test
    void shouldBelieveAStrangersFirstPacketAtTheEndOfWhatWasRead() {
        Reader reader = Reader.knowing(MEMBER).read(stranger("a")).readAll(stranger("b"));
        assertThat(reader.texts()).containsExactly("a", "b");
    }

    @Test
    void shouldFindAValidPacketInsideBytesThatLookLikeAStrangersHeader() {
        byte[] data = RawPacket.of(77, 100_000, 77, 4000, 3, '+', 0, 0, new byte[200]);
        String large = "x".repeat(4000);
        Reader reader = Reader.knowing(MEMBER)
                .read(RawPacket.join(member("a"), data, member("b"), member(large), member("c")));
        assertThat(reader.texts()).containsExactly("a", "b", large, "c");
    }

    @Test
    void shouldNotTakeAnotherSlotForTheSender() {
        Reader reader = Reader.knowing(MEMBER)
                .read(RawPacket.join(member("a"), JUNK, RawPacket.whole(MEMBER, MEMBER + 1, "", "b"), JUNK,
                        member("c")));
        assertThat(reader.texts()).containsExactly("a", "c");
    }

    @Test
    void shouldNotBelieveAPacketThatIsFollowedByJunk() {
        Reader reader = Reader.knowing(MEMBER).read(RawPacket.join(JUNK, member("a"), JUNK, member("b"), member("c")));
        assertThat(reader.texts()).containsExactly("b", "c");
        assertThat(reader.reassembler.brokenHeaders()).isEqualTo(1);
    }

    @Test
    void shouldBelieveAPacketAtTheEndOfWhatWasRead() {
        assertThat(Reader.knowing(MEMBER).read(RawPacket.join(JUNK, member("a"))).texts()).containsExactly("a");
        assertThat(Reader.knowing(MEMBER).readAll(JUNK, member("a")).texts()).containsExactly("a");
    }

    @Test
    void shouldNotBelieveReservedBitsBehindJunk() {
        byte[] reserved = member("a");
        reserved[15] = 1;
        Reader reader = Reader.knowing(MEMBER).read(RawPacket.join(JUNK, reserved, member("b")));
        assertThat(reader.texts()).containsExactly("b");
        assertThat(reader.reassembler.unknownFlags()).isZero();
    }

    @Test
    void shouldKeepAPacketThatIsNotWholeYet() {
        byte[] large = RawPacket.whole(MEMBER, MEMBER, "", new byte[4080]);
        Reader reader = Reader.knowing(MEMBER).read(RawPacket.join(JUNK, Arrays.copyOf(large, 4095)));
        assertThat(reader.tail()).isEqualTo(4095);
        assertThat(reader.reassembler.skippedBytes()).isEqualTo(JUNK.length);
        reader.read(Arrays.copyOfRange(large, 4095, 4096));
        assertThat(reader.alerts).hasSize(1);
        assertThat(reader.tail()).isZero();
        assertThat(reader.reassembler.skippedBytes()).isEqualTo(JUNK.length);
    }

    @Test
    void shouldNotWaitForBytesThatNeverCome() {
        // The beginning of a packet, and then an empty pipe: its writer wrote no more than that.
        byte[] begun = Arrays.copyOf(RawPacket.whole(MEMBER, MEMBER, "", new byte[4000]), 100);
        Reader reader = Reader.knowing(MEMBER).readAll(member("a"), begun);
        assertThat(reader.reassembler.skippedBytes()).isEqualTo(100);
        assertThat(reader.reassembler.brokenHeaders()).isEqualTo(1);
        assertThat(reader.readAll(stranger("b")).texts()).containsExactly("a", "b");
        assertThat(reader.readAll(JUNK).readAll(new byte[3]).readAll(stranger("c")).texts())
                .containsExactly("a", "b", "c");
    }

    @Test
    void shouldFindWhatLiesBehindALieThatIsNotCompleted() {
        byte[] lie = RawPacket.of(MEMBER, 4000, MEMBER, 4000, 0, '$', 0, 0, new byte[0]);
        Reader reader = Reader.knowing(MEMBER).readAll(lie, member("a"), member("b"));
        assertThat(reader.texts()).containsExactly("a", "b");
        assertThat(reader.reassembler.skippedBytes()).isEqualTo(16);
    }

    @Test
    void shouldLoseToALieOnlyWhatItClaimsAndOnlyIfThatEndsWithAPacket() {
        for (int claimed = 0; claimed <= 4080; claimed++) {
            byte[] lie = RawPacket.of(MEMBER, claimed, MEMBER, claimed, 0, '$', 0, 0, new byte[0]);
            List<byte[]> stream = new ArrayList<>(List.of(lie));
            List<String> all = new ArrayList<>();
            List<String> unclaimed = new ArrayList<>();
            boolean endsWithAPacket = claimed == 0;
            int at = 0;
            for (int i = 0; i < 400; i++) {
                byte[] packet = member("alert " + i);
                all.add("alert " + i);
                if (at >= claimed) {
                    unclaimed.add("alert " + i);
                }
                stream.add(packet);
                at += packet.length;
                endsWithAPacket |= at == claimed;
            }
            byte[] bytes = RawPacket.join(stream);
            // The end of what was read where the lie's claim ends, and elsewhere.
            for (int split : new int[]{bytes.length, 16 + claimed, 16 + claimed + 7, 20}) {
                Reader reader = Reader.knowing(MEMBER).read(bytes, 0, split, false).read(bytes, split, bytes.length,
                        true);
                assertThat(reader.texts().subList(1, reader.alerts.size())).as("claimed %d, read to %d", claimed, split)
                        .isEqualTo(endsWithAPacket ? unclaimed : all);
                assertThat(reader.alerts.getFirst().data()).hasSize(claimed);
                assertThat(reader.reassembler.brokenHeaders()).isEqualTo(endsWithAPacket ? 0 : 1);
                assertThat(reader.reassembler.skippedBytes()).isZero();
            }
        }
    }

    /** Before, it cost what it claims and all of the packet in which that ends, here 4,080 + 3,996 bytes. */
    @Test
    void shouldLoseNothingToALieThatEndsInAPacket() {
        byte[] lie = RawPacket.of(MEMBER, 4080, MEMBER, 4080, 0, '$', 0, 0, new byte[0]);
        String page = "x".repeat(4080);
        Reader reader = Reader.knowing(MEMBER).readAll(lie, member("y".repeat(3980)), member(page), member("c"));
        assertThat(reader.texts().subList(1, 4)).containsExactly("y".repeat(3980), page, "c");
    }

    @Test
    void shouldNotTakePacketsInAnAlertsDataForSwallowedOnes() {
        byte[] packets = RawPacket.join(member("x"), member("y"), member("z"));
        for (int cut = 0; cut < packets.length; cut++) {
            byte[] carrier = RawPacket.whole(MEMBER, MEMBER, "", Arrays.copyOf(packets, cut));
            // Those in its data end with it, or are cut off by what follows.
            Reader reader = Reader.knowing(MEMBER).readAll(carrier, JUNK, member("b"));
            assertThat(reader.alerts).as("cut at " + cut).hasSize(2);
            assertThat(reader.alerts.getFirst().data()).isEqualTo(Arrays.copyOf(packets, cut));
            assertThat(reader.texts().getLast()).isEqualTo("b");
        }
    }

    @Test
    void shouldNotTakePacketsInDataForSomeBetweenTwoLies() {
        // The carrier is lost, as it is not followed by a packet; those in its data are none.
        byte[] carrier = RawPacket.whole(MEMBER, MEMBER, "", RawPacket.join(member("x"), member("y"), member("z")));
        Reader reader = Reader.knowing(MEMBER).readAll(JUNK, carrier, JUNK, member("b"));
        assertThat(reader.texts()).containsExactly("b");
        assertThat(reader.reassembler.skippedBytes()).isEqualTo(2 * JUNK.length + carrier.length);
    }

    @Test
    void shouldFindWhatALieBehindJunkSwallowed() {
        byte[] lie = RawPacket.of(MEMBER, 4080, MEMBER, 4080, 0, '$', 0, 0, new byte[0]);
        String page = "x".repeat(4080);
        Reader reader = Reader.knowing(MEMBER).readAll(JUNK, lie, member("a"), member(page), member("c"));
        assertThat(reader.texts()).containsExactly("a", page, "c");
    }

    /** Lies that make it look back again and again; in quadratic time this would take hours. */
    @Test
    void shouldLookBackInLinearTime() {
        byte[] worst = new byte[8 << 20];
        // Each header claims a page, in which the next ones lie, and ends where there is none.
        for (int at = 0; at + 48 <= worst.length; at += 48) {
            byte[] lie = RawPacket.of(MEMBER, 4080 - at % 31, MEMBER, 4080 - at % 31, 0, '$', 0, 0, new byte[0]);
            System.arraycopy(lie, 0, worst, at, lie.length);
        }
        Reader reader = Reader.knowing(MEMBER);
        for (int at = 0; at < worst.length; at += 256 << 10) {
            reader.read(worst, at, at + (256 << 10), false);
        }
        assertThat(reader.alerts).isNotEmpty();
        assertThat(reader.tail()).isLessThan(4096);
    }

    @Test
    void shouldRememberNoMoreSendersThanThereIsRoomFor() {
        Reader reader = Reader.knowing(MEMBER);
        byte[][] packets = new byte[100_000][];
        for (int i = 0; i < packets.length; i++) {
            packets[i] = RawPacket.whole(1000 + i, 1, "", "x");
        }
        reader.read(RawPacket.join(packets));
        assertThat(reader.alerts).hasSize(100_000);
        // Some are forgotten, and members are known by the roster in any case.
        reader.read(RawPacket.join(JUNK, member("a"), member("b")));
        assertThat(reader.alerts).hasSize(100_002);
    }

    @Test
    void shouldGoThroughJunkInLinearTime() {
        // Most bytes could begin a header. In quadratic time this would take hours, not the time that the class has.
        byte[] worst = new byte[16 << 20];
        byte[] lie = RawPacket.of(0x05050505, 0, 0x0505, 0, 0, '_', 0, 0, new byte[0]);
        for (int at = 0; at + 16 <= worst.length; at++) {
            worst[at] = lie[at % 16];
        }
        worst[0] = 0;
        worst[3] = -1;
        Reader reader = new Reader(1 << 20, (pid, slot) -> true);
        for (int at = 0; at < worst.length; at += 256 << 10) {
            reader.read(worst, at, at + (256 << 10), false);
        }
        assertThat(reader.tail()).isLessThan(4096);
    }

    @Test
    void shouldTakeAnyBytesWithoutAnExceptionAndBoundMemory() {
        long seed = System.nanoTime();
        System.out.println("ResyncTest bytes seed " + seed);
        Random random = new Random(seed);
        for (int round = 0; round < 300; round++) {
            Reader reader = new Reader(50_000, (pid, slot) -> true);
            byte[] bytes = new byte[60_000];
            random.nextBytes(bytes);
            // Bytes that headers are made of come often, so that many are nearly right.
            byte[] likely = {0, 0, 0, 1, 5, 16, '$', '>', '+', '_', '+', 15};
            for (int i = 0; i < bytes.length; i++) {
                if (random.nextInt(100) < 90) {
                    bytes[i] = likely[random.nextInt(likely.length)];
                }
            }
            assertThatCode(() -> {
                for (int at = 0; at < bytes.length;) {
                    int end = Math.min(bytes.length, at + 1 + random.nextInt(5000));
                    reader.read(bytes, at, end, random.nextInt(10) == 0);
                    at = end;
                    assertThat(reader.reassembler.openBytes()).isLessThanOrEqualTo(50_000);
                }
            }).as("round " + round).doesNotThrowAnyException();
            reader.reassembler.close();
            assertThat(reader.reserved()).isZero();
        }
    }

    /** One piece of a stream: valid, with a number, or not. */
    private record Piece(long at, int length, int number) {
        boolean isValid() {
            return number >= 0;
        }
    }

    @Test
    void shouldLoseLittleToEachLieBetweenValidAlerts() {
        long seed = System.nanoTime();
        System.out.println("ResyncTest lies seed " + seed);
        Random random = new Random(seed);
        int lies = 0;
        int lost = 0;
        for (int round = 0; round < 150; round++) {
            List<Piece> pieces = new ArrayList<>();
            List<byte[]> bytes = new ArrayList<>();
            Map<Integer, byte[]> sent = new HashMap<>();
            long at = 0;
            for (int i = 0; i < 400; i++) {
                byte[] piece;
                int number = -1;
                if (random.nextInt(8) == 0) {
                    piece = lie(random);
                    lies++;
                } else {
                    number = i;
                    byte[] data = new byte[random.nextInt(random.nextInt(4070) + 1)];
                    random.nextBytes(data);
                    int pid = MEMBER + random.nextInt(3);
                    piece = RawPacket.whole(pid, pid, "#" + i, data);
                    sent.put(i, data);
                }
                pieces.add(new Piece(at, piece.length, number));
                bytes.add(piece);
                at += piece.length;
            }
            lost += checkLosses(round, random, pieces, RawPacket.join(bytes), sent);
        }
        // Otherwise this has tried nothing.
        assertThat(lies).isGreaterThan(1000);
        assertThat(lost).isPositive();
    }

    private static byte[] lie(Random random) {
        int pid = MEMBER + random.nextInt(4);
        byte[] junk = new byte[random.nextInt(200) + 1];
        random.nextBytes(junk);
        // Not the beginning of a valid one's name.
        junk[0] = '!';
        int body = random.nextInt(4081);
        return switch (random.nextInt(6)) {
            case 0 -> junk;
            case 1 -> RawPacket.of(pid, body, pid, body, 3, '$', 0, 0, junk);
            case 2 -> RawPacket.of(pid, 100_000, pid, body, 3, '>', 0, 0, junk);
            case 3 -> RawPacket.of(pid, 100_000, pid, body, 3, '+', 0, 0, junk);
            case 4 -> RawPacket.of(pid, 0, pid, body, 0, '_', random.nextInt(16), 0, junk);
            default -> Arrays.copyOf(RawPacket.whole(pid, pid, "", new byte[500]), 1 + random.nextInt(510));
        };
    }

    private static int checkLosses(int round, Random random, List<Piece> pieces, byte[] stream,
            Map<Integer, byte[]> sent) {
        Reader reader = Reader.knowing(MEMBER, MEMBER + 1, MEMBER + 2, MEMBER + 3);
        for (int from = 0; from < stream.length;) {
            int to = Math.min(stream.length, from + 1 + random.nextInt(30_000));
            reader.read(stream, from, to, false);
            from = to;
        }
        Set<Integer> came = new HashSet<>();
        int last = -1;
        for (Reader.Got got : reader.alerts) {
            if (got.name().matches("#\\d+")) {
                int number = Integer.parseInt(got.name().substring(1));
                assertThat(got.data()).as("alert " + number).isEqualTo(sent.get(number));
                assertThat(number).as("in order and once").isGreaterThan(last);
                last = number;
                came.add(number);
            }
        }
        int lost = 0;
        long lieEnd = Long.MIN_VALUE / 2;
        for (int i = 0; i < pieces.size(); i++) {
            Piece piece = pieces.get(i);
            if (!piece.isValid()) {
                lieEnd = piece.at + piece.length;
            } else if (!came.contains(piece.number)) {
                lost++;
                long behind = piece.at - lieEnd;
                boolean nextIsALie = i + 1 < pieces.size() && !pieces.get(i + 1).isValid();
                boolean notYetRead = piece.at + piece.length > stream.length - 4096;
                // What a lie claims begins in it; behind that, a packet is found only if another one follows.
                assertThat(behind < 4096 || behind < 8192 && nextIsALie || notYetRead)
                        .as("round %d: alert %d is lost, %d bytes behind a lie", round, piece.number, behind).isTrue();
            }
        }
        return lost;
    }

    /** Three parts each, so that one lie cannot take the end of one and the beginning of the next unseen. */
    @Test
    void shouldNeverTearAnAlertOfSeveralPartsAroundALie() {
        long seed = System.nanoTime();
        System.out.println("ResyncTest parts seed " + seed);
        Random random = new Random(seed);
        int whole = 0;
        int lost = 0;
        for (int round = 0; round < 300; round++) {
            List<byte[]> stream = new ArrayList<>();
            for (int i = 0; i < 40; i++) {
                byte[] data = new byte[9000];
                Arrays.fill(data, (byte) i);
                for (byte[] part : RawPacket.parts(MEMBER, MEMBER, "n", data)) {
                    stream.add(part);
                }
            }
            for (int at = 5 + random.nextInt(7); at < stream.size() - 12; at += 7 + random.nextInt(7)) {
                // Where it ends with an alert's last part, that one is lost.
                int body = random.nextBoolean() ? random.nextInt(4081) : 16 + 1 + 9000 - 2 * 4080;
                stream.add(at, RawPacket.of(MEMBER + 1, body, MEMBER + 1, body, 0, '$', 0, 0, new byte[0]));
            }
            Reader reader = Reader.knowing(MEMBER, MEMBER + 1).read(RawPacket.join(stream));
            for (Reader.Got got : reader.alerts) {
                if (got.pid() == MEMBER) {
                    byte[] expected = new byte[9000];
                    Arrays.fill(expected, got.data()[0]);
                    assertThat(got.data()).as("round " + round).isEqualTo(expected);
                    whole++;
                }
            }
            lost += 40 - (int) reader.alerts.stream().filter(got -> got.pid() == MEMBER).count();
        }
        assertThat(whole).isPositive();
        assertThat(lost).isPositive();
    }
}
