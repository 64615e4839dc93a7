package io.workerpipe.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.workerpipe.process.Checker.Balance;
import io.workerpipe.process.Checker.Story;
import io.workerpipe.process.Journal.Book;
import io.workerpipe.process.Journal.Kind;
import io.workerpipe.process.Journal.Line;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The checker of the tests with real processes finds what it is there to find. */
@Timeout(60)
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

    private Balance checkRejoined(Long... killedPids) {
        return Checker.check(List.of(new Book(SENDER, 1, sent), new Book(RECEIVER, 2, false, true, got),
                new Book(RECEIVER + 1, 2, List.of())), Set.of(killedPids));
    }

    /** What is sent by process id after the first membership had left goes to the second. */
    @Test
    void shouldBalanceWhenReceiverLeftAndJoinedAgainAndWasKilledThen() {
        sent(Kind.ACCEPTED, Kind.ACCEPTED);
        got(0);
        assertThat(checkRejoined(2L)).isEqualTo(new Balance(2, 1, 0, 0, 1, 0));
        assertThatThrownBy(this::checkRejoined).hasMessageContaining("1 of 2 did not arrive");
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

    // ---------------------------------------------------------------- to all

    private void broadcast(int receivers) {
        long number = sent.size();
        sent.add(new Line(Kind.ACCEPTED, Payload.ALL, number, 100, true, receivers));
    }

    private void gotOfAll(long... sequences) {
        for (long sequence : sequences) {
            got.add(new Line(Kind.RECEIVED, SENDER, sequence, 100, true));
        }
    }

    private Balance checkLate(boolean left) {
        return Checker.check(
                // To others only: the sender does as if it had joined after all of them.
                List.of(new Book(SENDER, 1, true, false, sent), new Book(RECEIVER, 2, true, left, got)),
                story(Set.of(), Map.of()));
    }

    @Test
    void shouldBalanceWhenReceiverJoinedAfterTheFirstBroadcastAndLeftBeforeTheLast() {
        broadcast(0);
        broadcast(1);
        broadcast(1);
        broadcast(0);
        gotOfAll(1, 2);
        assertThat(checkLate(true)).isEqualTo(new Balance(2, 2, 0, 0, 0, 0));
        assertThatThrownBy(() -> checkLate(false)).hasMessageContaining("1 of 3 did not arrive");
    }

    @Test
    void shouldFindABroadcastThatWentToMoreThanGotIt() {
        broadcast(1);
        assertThatThrownBy(() -> checkLate(false)).hasMessageContaining("went to 1 and arrived at 0");
    }

    @Test
    void shouldFindAHoleInBroadcastsToOneThatJoinedLate() {
        broadcast(0);
        broadcast(1);
        broadcast(1);
        broadcast(1);
        gotOfAll(1, 3);
        assertThatThrownBy(() -> checkLate(false)).hasMessageContaining("got 3 where 2 was to come");
    }

    // ---------------------------------------------------------------- policies that drop, and lies

    private static Story story(Set<Long> dropping, Map<Long, Integer> lies) {
        return new Story(Set.of(), Set.of(), dropping, lies, 150);
    }

    private Balance check(Story story) {
        return Checker.check(List.of(new Book(SENDER, 1, sent), new Book(RECEIVER, 2, got)), story);
    }

    @Test
    void shouldBalanceOnlyWhenAllThatWasDroppedWasAnnounced() {
        sent(Kind.ACCEPTED, Kind.ACCEPTED, Kind.ACCEPTED, Kind.ACCEPTED);
        got(0);
        got.add(new Line(Kind.NOTICE, 1, 2, 0, false));
        got(3);
        Story story = story(Set.of(1L), Map.of());
        assertThat(check(story)).isEqualTo(new Balance(4, 2, 0, 0, 0, 0, 2, 0, 0));
        got.add(new Line(Kind.NOTICE, 1, 1, 0, false));
        assertThatThrownBy(() -> check(story)).hasMessageContaining("3 losses were announced");
        got.removeIf(line -> line.kind() == Kind.NOTICE);
        assertThatThrownBy(() -> check(story)).hasMessageContaining("0 losses were announced");
        assertFault("got 3 where 1 was to come");
    }

    @Test
    void shouldBalanceBroadcastsDroppedAtOnceOrLater() {
        broadcast(1);
        broadcast(0);
        broadcast(1);
        broadcast(1);
        gotOfAll(0);
        got.add(new Line(Kind.NOTICE, 1, 2, 0, false));
        gotOfAll(3);
        List<Book> books = List.of(new Book(SENDER, 1, true, false, sent), new Book(RECEIVER, 2, got));
        assertThat(Checker.check(books, story(Set.of(1L), Map.of())))
                .isEqualTo(new Balance(4, 2, 0, 0, 0, 0, 2, 0, 0));
        got.removeIf(line -> line.kind() == Kind.NOTICE);
        assertThatThrownBy(() -> Checker.check(books, story(Set.of(1L), Map.of())))
                .hasMessageContaining("0 losses were announced");
    }

    @Test
    void shouldAllowALieAsManyBytesAsItMayTakeAndNoMore() {
        sent(Kind.ACCEPTED, Kind.ACCEPTED, Kind.ACCEPTED);
        got(0, 2);
        assertThat(check(story(Set.of(), Map.of(2L, 1)))).isEqualTo(new Balance(3, 2, 0, 0, 0, 0, 0, 1, 0));
        got.removeLast();
        Story one = story(Set.of(), Map.of(2L, 1));
        assertThatThrownBy(() -> check(one)).hasMessageContaining("lost 200 bytes to 1 lies");
        assertThat(check(story(Set.of(), Map.of(2L, 2))).lied()).isEqualTo(2);
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
