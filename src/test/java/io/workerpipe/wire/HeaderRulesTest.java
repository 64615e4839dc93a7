package io.workerpipe.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a header may say, one rule a test: what costs itself, what is passed over in step, what drops an open alert. */
@Timeout(300)
class HeaderRulesTest {
    private static final int PID = 5;
    private static final int SLOT = 5;
    private static final byte[] BODY = LayoutTest.content(20);
    private static final byte[] AFTER = RawPacket.whole(PID, SLOT, "", "after");

    private static byte[] data(int length) {
        return LayoutTest.content(length);
    }

    /** pid, total, body, name length, kind, flags; the body really there is 20 bytes. */
    @ParameterizedTest
    @CsvSource({"0,20,20,5,$,0", "-1,20,20,5,$,0", "-2147483648,20,20,5,$,0", // sender
            "5,21,20,5,$,0", "5,19,20,5,$,0", "5,4294967295,20,5,$,0", // whole, but another length
            "5,20,20,21,$,0", // name longer than the body
            "5,255,255,255,$,0", "5,300,255,255,>,0", // name too long
            "5,4081,4081,5,$,0", "5,65535,65535,5,$,0", "5,9000,4081,5,>,0", // body too long for a page
            "5,4080,4080,5,$,1", "5,4066,4066,5,$,15", "5,9000,4080,5,>,1", // with skipped bytes too long for a page
            "5,20,20,5,>,0", "5,19,20,5,>,0", // first, but nothing would follow
            "5,60,20,21,>,0", // first, without the whole name
            "5,19,20,5,+,0", "5,22,20,5,+,0", // next, longer than the alert, or than its data
            "5,1,20,0,_,0", "5,0,20,1,_,0", // padding with a length or a name
            "5,20,20,5,#,0", "5,20,20,5,%,0", // no such kind
            "5,20,20,5,$,16", "5,40,20,0,>,16", "5,40,20,0,+,16", "5,0,20,0,_,16", // control: whole, without a name
            "5,4294967060,20,5,>,0" // more data than an alert may have
    })
    void shouldCostItselfWhenAHeaderContradictsItself(int pid, long total, int body, int nameLength, char kind,
            int flags) {
        byte[] bad = RawPacket.of(pid, total, SLOT, body, nameLength, kind, flags, 0, BODY);
        Reader reader = Reader.knowing(PID).read(RawPacket.join(bad, AFTER));

        assertThat(reader.texts()).containsExactly("after");
        assertThat(reader.controls).isEmpty();
        assertThat(reader.reassembler.brokenHeaders()).isEqualTo(1);
        assertThat(reader.reassembler.skippedBytes()).isEqualTo(36);
        assertThat(reader.reassembler.strayParts()).isZero();
    }

    @Test
    void shouldCostItselfWhenAControlPacketSaysNothing() {
        byte[] bad = RawPacket.of(PID, 0, SLOT, 0, 0, '$', Packet.CONTROL, 0, new byte[0]);
        Reader reader = Reader.knowing(PID).read(RawPacket.join(bad, AFTER));

        assertThat(reader.controls).isEmpty();
        assertThat(reader.texts()).containsExactly("after");
        assertThat(reader.reassembler.skippedBytes()).isEqualTo(16);
    }

    @Test
    void shouldAcceptAnybodyInStep() {
        Reader reader = new Reader().read(RawPacket.whole(999, 65_535, "n", "x"))
                .read(RawPacket.whole(Integer.MAX_VALUE, 0, "n", "y"));

        assertThat(reader.texts()).containsExactly("x", "y");
        assertThat(reader.alerts.getFirst().slot()).isEqualTo(65_535);
    }

    @Test
    void shouldSkipUnknownFlagsInStepAndCountThem() {
        List<byte[]> unknown = List.of(RawPacket.of(PID, 20, SLOT, 20, 5, '$', Packet.CORRELATION, 0, BODY),
                RawPacket.of(PID, 20, SLOT, 20, 5, '$', Packet.ANSWER, 0, BODY),
                RawPacket.of(PID, 20, SLOT, 20, 5, '$', 0, 1, BODY),
                RawPacket.of(PID, 60, SLOT, 20, 5, '>', 0, 128, BODY),
                RawPacket.of(PID, 60, SLOT, 20, 5, '+', Packet.ANSWER, 0, BODY),
                RawPacket.of(PID, 0, SLOT, 20, 0, '_', 0, 3, BODY),
                RawPacket.of(PID, 20, SLOT, 20, 0, '$', Packet.CONTROL | Packet.ANSWER, 0, BODY));
        Reader reader = new Reader().read(RawPacket.join(unknown)).read(AFTER);

        assertThat(reader.texts()).containsExactly("after");
        assertThat(reader.controls).isEmpty();
        assertThat(reader.reassembler.unknownFlags()).isEqualTo(unknown.size());
        assertThat(reader.reassembler.brokenHeaders()).isZero();
        assertThat(reader.reassembler.strayParts()).isZero();
        assertThat(reader.reserved()).isZero();
    }

    @Test
    void shouldDropTheOpenAlertWhenOneWithUnknownFlagsBegins() {
        // It cannot go on, and must not go on with the other one's parts.
        List<byte[]> parts = RawPacket.parts(PID, SLOT, "n", data(9000));
        byte[] unknown = parts.get(0).clone();
        unknown[14] = (byte) Packet.ANSWER;
        Reader reader = new Reader().read(RawPacket.join(parts.get(0), unknown, parts.get(1), parts.get(2)));

        assertThat(reader.alerts).isEmpty();
        assertThat(reader.reassembler.droppedOpen()).isEqualTo(1);
        assertThat(reader.reassembler.strayParts()).isEqualTo(2);
    }

    @Test
    void shouldDropAStrayPartAlone() {
        List<byte[]> parts = RawPacket.parts(PID, SLOT, "n", data(9000));
        Reader reader = new Reader().read(RawPacket.join(parts.get(1), parts.get(2), AFTER));

        assertThat(reader.texts()).containsExactly("after");
        assertThat(reader.reassembler.strayParts()).isEqualTo(2);
        assertThat(reader.reassembler.brokenHeaders()).isZero();
    }

    /** Its own parts come in order: another part means that its own are lost, and the next ones may fit by chance. */
    @ParameterizedTest
    @CsvSource({"9002,1,4080,0", "9001,2,4080,0", "9001,1,4079,0", "9001,1,1000,0", "9001,1,4080,1"})
    void shouldDropTheOpenAlertWhenAPartContradictsIt(long total, int nameLength, int body, int alreadyThere) {
        List<byte[]> parts = RawPacket.parts(PID, SLOT, "n", data(9000));
        byte[] wrong = RawPacket.of(PID, total, SLOT, body, nameLength, '+', 0, 0, data(body));
        List<byte[]> sent = new ArrayList<>(parts.subList(0, 1 + alreadyThere));
        sent.add(wrong);
        sent.addAll(parts.subList(1 + alreadyThere, 3));
        sent.add(AFTER);
        Reader reader = new Reader().read(RawPacket.join(sent));

        assertThat(reader.texts()).containsExactly("after");
        assertThat(reader.reassembler.strayParts()).isEqualTo(3 - alreadyThere);
        assertThat(reader.reassembler.droppedOpen()).isEqualTo(1);
        assertThat(reader.reassembler.brokenHeaders()).isZero();
        assertThat(reader.reserved()).isZero();
        assertThat(reader.reassembler.openBytes()).isZero();
    }

    /** Two alerts of the same length; what lies between was taken by somebody's lie. */
    @ParameterizedTest
    @CsvSource({"0,1,1", "1,2,1", "2,3,1", "1,3,1", "3,4,1", "2,4,0", "1,5,0", "0,4,0"})
    void shouldNeverMixTwoAlertsWhenPartsAreLost(int from, int to, int whole) {
        byte[] a = data(9000);
        byte[] b = a.clone();
        for (int i = 0; i < b.length; i++) {
            b[i] ^= 0x55;
        }
        List<byte[]> sent = new ArrayList<>(RawPacket.parts(PID, SLOT, "n", a));
        sent.addAll(RawPacket.parts(PID, SLOT, "n", b));
        sent.subList(from, to).clear();
        Reader reader = new Reader().read(RawPacket.join(sent));

        assertThat(reader.alerts).allMatch(got -> Arrays.equals(got.data(), a) || Arrays.equals(got.data(), b));
        assertThat(reader.alerts).hasSize(whole);
    }

    @Test
    void shouldDropTheOpenAlertWhenItsSenderBeginsAnother() {
        List<byte[]> parts = RawPacket.parts(PID, SLOT, "n", data(9000));
        Reader reader = new Reader().read(RawPacket.join(parts.get(0), parts.get(1), AFTER, parts.get(2)));
        assertThat(reader.texts()).containsExactly("after");
        assertThat(reader.reassembler.droppedOpen()).isEqualTo(1);
        assertThat(reader.reassembler.strayParts()).isEqualTo(1);
        assertThat(reader.reserved()).isZero();

        reader.read(RawPacket.join(parts.get(0), parts.get(0), parts.get(1), parts.get(2)));
        assertThat(reader.reassembler.droppedOpen()).isEqualTo(2);
        assertThat(reader.alerts).hasSize(2);
        assertThat(reader.alerts.getLast().is(PID, "n", data(9000))).isTrue();
    }

    @Test
    void shouldKeepTheOpenAlertWhenSomethingElseComes() {
        List<byte[]> parts = RawPacket.parts(PID, SLOT, "n", data(9000));
        byte[] control = RawPacket.of(PID, 1, SLOT, 1, 0, '$', Packet.CONTROL, 0, new byte[]{ControlKind.LOSS});
        Reader reader = new Reader().read(RawPacket.join(parts.get(0), control, RawPacket.padding(PID, SLOT, 3, 0),
                RawPacket.whole(PID, SLOT + 1, "", "other slot"), RawPacket.whole(PID + 1, SLOT, "", "other pid"),
                RawPacket.padding(PID + 1, SLOT, 0, Packet.ABORTED), parts.get(1), parts.get(2)));

        assertThat(reader.controls).hasSize(1);
        assertThat(reader.texts().subList(0, 2)).containsExactly("other slot", "other pid");
        assertThat(reader.alerts.get(2).is(PID, "n", data(9000))).isTrue();
        assertThat(reader.reassembler.droppedOpen() + reader.reassembler.aborted()).isZero();
    }

    @Test
    void shouldDropTheOpenAlertWhenItsSenderAborts() {
        List<byte[]> parts = RawPacket.parts(PID, SLOT, "n", data(9000));
        byte[] abort = RawPacket.padding(PID, SLOT, 7, Packet.ABORTED);
        Reader reader = new Reader().read(RawPacket.join(abort, parts.get(0), abort, abort, AFTER));

        assertThat(reader.texts()).containsExactly("after");
        assertThat(reader.reassembler.aborted()).isEqualTo(1);
        assertThat(reader.reassembler.droppedOpen()).isZero();
        assertThat(reader.reserved()).isZero();
    }

    @Test
    void shouldDropQuietlyWhatPassesTheLimitAndGoOn() {
        Reader reader = new Reader(10_000, (pid, slot) -> false);
        List<byte[]> first = RawPacket.parts(PID, SLOT, "n", data(9000));
        List<byte[]> second = RawPacket.parts(PID + 1, SLOT, "n", data(9000));
        reader.read(RawPacket.join(first.get(0), second.get(0), first.get(1)));
        assertThat(reader.reassembler.overLimit()).isEqualTo(1);
        assertThat(reader.reassembler.openBytes()).isEqualTo(4080);
        assertThat(reader.reserved()).isEqualTo(1);
        reader.read(RawPacket.join(second.get(1), first.get(2), second.get(2), AFTER));

        assertThat(reader.alerts).hasSize(2);
        assertThat(reader.alerts.getFirst().is(PID + 1, "n", data(9000))).isTrue();
        assertThat(reader.reassembler.strayParts()).isZero();
        assertThat(reader.reassembler.droppedOpen()).isZero();
        assertThat(reader.reassembler.openParts()).isZero();
    }

    @Test
    void shouldReserveNothingForAnAlertThatIsLargerThanTheLimit() {
        // It would take the room of others until it failed.
        Reader reader = new Reader(10_000, (pid, slot) -> false);
        List<byte[]> parts = RawPacket.parts(PID, SLOT, "n", data(10_000));
        reader.read(parts.getFirst());
        assertThat(reader.reassembler.overLimit()).isEqualTo(1);
        assertThat(reader.reserved()).isZero();
        assertThat(reader.reassembler.openBytes()).isZero();
        reader.read(RawPacket.join(parts.get(1), parts.get(2), AFTER));
        assertThat(reader.texts()).containsExactly("after");
        assertThat(reader.reassembler.overLimit()).isEqualTo(1);
        assertThat(reader.reassembler.strayParts()).isZero();
    }

    @Test
    void shouldDropQuietlyWhenThereIsNoMemory() {
        Reader reader = new Reader();
        reader.roomFor = 5000;
        List<byte[]> parts = RawPacket.parts(PID, SLOT, "n", data(9000));
        reader.read(RawPacket.join(RawPacket.join(parts), RawPacket.join(RawPacket.parts(PID, SLOT, "", data(4500)))));

        assertThat(reader.alerts).hasSize(1);
        assertThat(reader.alerts.getFirst().data()).isEqualTo(data(4500));
        assertThat(reader.reassembler.overLimit()).isEqualTo(1);
        assertThat(reader.reassembler.strayParts()).isZero();
        assertThat(reader.reassembler.droppedOpen()).isZero();
    }

    @Test
    void shouldCountOnceWhatWasDroppedAndThenAborted() {
        Reader reader = new Reader();
        reader.roomFor = 0;
        List<byte[]> parts = RawPacket.parts(PID, SLOT, "n", data(9000));
        reader.read(RawPacket.join(parts.get(0), RawPacket.padding(PID, SLOT, 0, Packet.ABORTED)));
        reader.read(RawPacket.join(parts.get(0), AFTER));
        reader.read(parts.get(0));
        reader.reassembler.senderGone(PID, SLOT);

        assertThat(reader.reassembler.overLimit()).isEqualTo(3);
        assertThat(reader.reassembler.aborted()).isZero();
        assertThat(reader.reassembler.droppedOpen()).isZero();
        assertThat(reader.reassembler.openParts()).isZero();
    }

    @Test
    void shouldAnnounceFourGigabytesWithoutTakingThem() {
        byte[] first = RawPacket.of(PID, 4_294_967_040L, SLOT, 20, 0, '>', 0, 0, BODY);
        Reader reader = new Reader(1L << 32, (pid, slot) -> false).read(first);

        assertThat(reader.reassembler.openBytes()).isEqualTo(20);
        reader.read(AFTER);
        assertThat(reader.reassembler.droppedOpen()).isEqualTo(1);
        assertThat(reader.texts()).containsExactly("after");
    }

    @Test
    void shouldStillServeOthersWhenDeadSendersLeftMoreOpenThanThereIsRoomFor() {
        Reader reader = new Reader();
        byte[] first = RawPacket.parts(PID, SLOT, "n", data(4200)).getFirst();
        for (int pid = 1000; pid < 6000; pid++) {
            reader.read(RawPacket.of(pid, 100, SLOT, 20, 0, '>', 0, 0, BODY));
        }
        assertThat(reader.reserved()).isEqualTo(reader.reassembler.openParts()).isLessThanOrEqualTo(2048);
        assertThat(reader.reassembler.openBytes()).isEqualTo(20L * reader.reassembler.openParts());
        reader.read(first);
        reader.read(RawPacket.parts(PID, SLOT, "n", data(4200)).getLast());

        assertThat(reader.alerts).hasSize(1);
        assertThat(reader.alerts.getFirst().is(PID, "n", data(4200))).isTrue();
        assertThat(reader.reassembler.overLimit()).isEqualTo(5001 - 2048);
    }

    @Test
    void shouldLetGoTheLongestIdleFirstWhenThereAreTooMany() {
        Reader reader = new Reader();
        List<byte[]> busy = RawPacket.parts(PID, SLOT, "n", data(19_000));
        reader.read(busy.get(0));
        for (int pid = 1000; pid < 2000; pid++) {
            reader.read(RawPacket.of(pid, 100, SLOT, 20, 0, '>', 0, 0, BODY));
        }
        reader.read(busy.get(1));
        for (int pid = 2000; pid < 4000; pid++) {
            reader.read(RawPacket.of(pid, 100, SLOT, 20, 0, '>', 0, 0, BODY));
        }
        reader.read(RawPacket.join(busy.subList(2, busy.size())));

        assertThat(reader.alerts).hasSize(1);
        assertThat(reader.alerts.getFirst().is(PID, "n", data(19_000))).isTrue();
        // The first to come is gone, the last but one is still there.
        reader.read(RawPacket.of(1000, 100, SLOT, 80, 0, '+', 0, 0, data(80)));
        assertThat(reader.reassembler.strayParts()).isEqualTo(1);
        reader.read(RawPacket.of(3998, 100, SLOT, 80, 0, '+', 0, 0, data(80)));
        assertThat(reader.alerts.getLast().pid()).isEqualTo(3998);
    }
}
