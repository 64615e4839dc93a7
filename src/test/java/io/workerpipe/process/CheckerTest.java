package io.workerpipe.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.workerpipe.process.Checker.Balance;
import io.workerpipe.process.Journal.Book;
import io.workerpipe.process.Journal.Kind;
import io.workerpipe.process.Journal.Line;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The checker of the tests with real processes finds what it is there to find. */
@Timeout(10)
class CheckerTest {
    private static final long SENDER = 11;
    private static final long RECEIVER = 22;

    private final List<Line> sent = new ArrayList<>();
    private final List<Line> got = new ArrayList<>();

    private void sent(Kind... kinds) {
        for (Kind kind : kinds) {
            sent.add(new Line(kind, RECEIVER, sent.size(), 100, false));
        }
    }

    private void got(long... sequences) {
        for (long sequence : sequences) {
            got.add(new Line(Kind.RECEIVED, SENDER, sequence, 100, false));
        }
    }

    private Balance check(Long... killedPids) {
        return Checker.check(List.of(new Book(SENDER, 1, sent), new Book(RECEIVER, 2, got)), Set.of(killedPids));
    }

    private void assertFault(String text, Long... killedPids) {
        assertThatThrownBy(() -> check(killedPids)).isInstanceOf(AssertionError.class).hasMessageContaining(text);
    }

    @Test
    void shouldBalanceWhenAllAcceptedArrivedInOrder() {
        sent(Kind.ACCEPTED, Kind.REFUSED, Kind.ACCEPTED);
        got(0, 2);
        assertThat(check()).isEqualTo(new Balance(3, 2, 1, 0, 0, 0));
    }

    @Test
    void shouldFindAMissingAlertWhenNobodyWasKilled() {
        sent(Kind.ACCEPTED, Kind.ACCEPTED);
        got(0);
        assertFault("1 of 2 did not arrive");
    }

    @Test
    void shouldFindAnAlertThatCameTwice() {
        sent(Kind.ACCEPTED, Kind.ACCEPTED);
        got(0, 0, 1);
        assertFault("got 0 where 1 was to come");
    }

    @Test
    void shouldFindAlertsInAnotherOrder() {
        sent(Kind.ACCEPTED, Kind.ACCEPTED);
        got(1, 0);
        assertFault("got 1 where 0 was to come");
    }

    @Test
    void shouldFindAnAlertThatWasRefused() {
        sent(Kind.ACCEPTED, Kind.REFUSED);
        got(0, 1);
        assertFault("got 1 where nothing was to come");
    }

    @Test
    void shouldFindABrokenAlert() {
        got.add(new Line(Kind.BROKEN, 0, 0, 100, false));
        assertFault("got a broken alert");
    }

    @Test
    void shouldFindAnAlertOfNobody() {
        got.add(new Line(Kind.RECEIVED, 33, 0, 100, false));
        assertFault("of nobody");
    }

    @Test
    void shouldAllowAMissingEndOnlyWhenOneOfTheTwoWasKilled() {
        sent(Kind.ACCEPTED, Kind.ACCEPTED, Kind.ACCEPTED);
        got(0);
        assertThat(check(2L)).isEqualTo(new Balance(3, 1, 0, 0, 2, 0));
        assertThat(check(1L)).isEqualTo(new Balance(3, 1, 0, 0, 2, 0));
        assertFault("2 of 3 did not arrive", 3L);
    }

    @Test
    void shouldFindAHoleWhenReceiverWasKilled() {
        sent(Kind.ACCEPTED, Kind.ACCEPTED, Kind.ACCEPTED);
        got(0, 2);
        assertFault("got 2 where 1 was to come", 2L);
    }

    @Test
    void shouldCountWhatWasBeingSentWhenSenderWasKilled() {
        sent(Kind.ACCEPTED, Kind.ATTEMPTED);
        got(0);
        assertThat(check(1L)).isEqualTo(new Balance(2, 1, 0, 0, 0, 1));
        got(1);
        assertThat(check(1L)).isEqualTo(new Balance(2, 2, 0, 0, 0, 0));
        assertFault("1 sends have not returned");
    }

    @Test
    void shouldFindAReceiverThatWasGoneThoughNobodyKilledIt() {
        sent(Kind.ACCEPTED, Kind.GONE);
        got(0);
        assertFault("1 times the receiver was gone");
    }

    @Test
    void shouldFindAByteThatIsWrong() {
        byte[] data = Payload.of(1, 2, 3, 4, 5000);
        assertThat(Payload.check(MemorySegment.ofArray(data))).isEqualTo(new Payload.Header(1, 2, 3, 4));
        for (int at : new int[]{0, 15, 28, 31, 32, 2500, 4999}) {
            data[at] ^= 1;
            assertThat(Payload.check(MemorySegment.ofArray(data))).isNull();
            data[at] ^= 1;
        }
        assertThat(Payload.check(MemorySegment.ofArray(data).asSlice(0, 4999))).isNull();
    }
}
