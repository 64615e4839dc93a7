package io.workerpipe.roster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.workerpipe.linux.Proc;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(300)
class RosterTest {
    @TempDir
    Path path;

    private RosterFolder folder;

    @BeforeEach
    void openFolder() throws Exception {
        folder = RosterFolder.at(path);
    }

    @Test
    void shouldListAWorkerFromPublishingToLeaving() throws Exception {
        try (Sleeper sleeper = new Sleeper(); Roster roster = Roster.open(folder, "g")) {
            Seat seat = roster.claim(sleeper.owner(), false, "worker ä", 3);
            assertThat(roster.live()).isEmpty();
            assertThat(roster.all()).containsExactly(new Entry(0, State.JOINING, sleeper.pid(),
                    sleeper.owner().startTime(), seat.incarnation(), -1, 0, 3, "worker ä"));

            seat.publish(sleeper.inbox(), 0);
            Entry live = new Entry(0, State.LIVE, sleeper.pid(), sleeper.owner().startTime(), seat.incarnation(), 0,
                    sleeper.inbox(), 3, "worker ä");
            assertThat(roster.live()).containsExactly(live);
            assertThat(roster.entry(0)).contains(live);
            assertThat(live.isGone()).isFalse();

            seat.leaving();
            assertThat(roster.live()).isEmpty();
            assertThat(roster.entry(0).orElseThrow().state()).isEqualTo(State.LEAVING);

            seat.close();
            assertThat(roster.all()).isEmpty();
            assertThat(path).isEmptyDirectory();
        }
    }

    @Test
    void shouldMoveTheEpochWithEachJoinLeaveAndReap() throws Exception {
        try (Sleeper one = new Sleeper(); Sleeper two = new Sleeper(); Roster roster = Roster.open(folder, "g")) {
            long epoch = roster.epoch();
            Seat seat = one.join(roster, "one");
            assertThat(roster.epoch()).isGreaterThan(epoch);

            epoch = roster.epoch();
            Seat second = two.join(roster, "two");
            assertThat(roster.epoch()).isGreaterThan(epoch);

            epoch = roster.epoch();
            seat.leaving();
            assertThat(roster.epoch()).isGreaterThan(epoch);

            epoch = roster.epoch();
            seat.close();
            assertThat(roster.epoch()).isGreaterThan(epoch);

            epoch = roster.epoch();
            two.kill();
            assertThat(roster.reap(second.slot(), second.incarnation())).isTrue();
            assertThat(roster.epoch()).isGreaterThan(epoch);
        }
    }

    @Test
    void shouldNotListAGuest() throws Exception {
        try (Sleeper sleeper = new Sleeper(); Roster roster = Roster.open(folder, "g")) {
            try (Seat seat = roster.claim(sleeper.owner(), true, "", -1)) {
                assertThat(roster.live()).isEmpty();
                assertThat(roster.entry(seat.slot()).orElseThrow().state()).isEqualTo(State.GUEST);

                seat.publish(sleeper.inbox(), 0);
                seat.leaving();
                assertThat(roster.live()).isEmpty();
                assertThat(roster.entry(seat.slot()).orElseThrow()).returns(State.GUEST, Entry::state)
                        .returns(sleeper.inbox(), Entry::inboxInode);
            }
        }
    }

    @Test
    void shouldRefuseASecondMembershipOfAProcess() throws Exception {
        Seat seat = Roster.join(folder, "g", false, "first", 0);
        try (Roster roster = seat.roster(); Roster again = Roster.open(folder, "g")) {
            assertThat(roster.all()).extracting(Entry::pid).containsExactly(Proc.pid());
            assertThatThrownBy(() -> roster.claim(false, "second", 1)).isInstanceOf(AlreadyMemberException.class)
                    .hasMessageContaining("process " + Proc.pid()).hasMessageContaining("slot 0, joining");
            assertThatThrownBy(() -> again.claim(true, "guest", 1)).isInstanceOf(AlreadyMemberException.class);
            assertThatThrownBy(() -> Roster.join(folder, "g", true, "guest", 1))
                    .isInstanceOf(AlreadyMemberException.class);

            Seat elsewhere = Roster.join(folder, "other", false, "", 0);
            elsewhere.close();
            elsewhere.roster().close();
            seat.close();
        }
        assertThat(path).isEmptyDirectory();
        Seat next = Roster.join(folder, "g", false, "again", 0);
        next.close();
        next.roster().close();
    }

    @Test
    void shouldFreeASlotOnce() throws Exception {
        try (Sleeper one = new Sleeper(); Sleeper two = new Sleeper(); Roster roster = Roster.open(folder, "g")) {
            Seat keeper = two.join(roster, "keeper");
            Seat first = one.join(roster, "first");
            first.close();
            Seat second = one.join(roster, "second");
            first.close();

            assertThat(second.slot()).isEqualTo(first.slot());
            assertThat(second.incarnation()).isGreaterThan(first.incarnation());
            assertThat(roster.entry(second.slot()).orElseThrow().label()).isEqualTo("second");
            assertThatThrownBy(first::leaving).isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(() -> first.publish(1, 1)).isInstanceOf(IllegalStateException.class);
            second.close();
            keeper.close();
        }
    }

    @Test
    void shouldStartAMemberWithCountersAtZero() throws Exception {
        try (Sleeper sleeper = new Sleeper(); Roster roster = Roster.open(folder, "g")) {
            Seat keeper = Roster.join(folder, "g", true, "", -1);
            Seat seat = sleeper.join(roster, "a long label, to be overwritten");
            for (Counter counter : Counter.values()) {
                assertThat(seat.counters().add(counter, counter.ordinal())).isZero();
                assertThat(seat.counters().get(counter)).isEqualTo(counter.ordinal());
                seat.counters().set(counter, 100L + counter.ordinal());
            }
            try (Roster other = Roster.look(folder, "g").orElseThrow()) {
                for (Counter counter : Counter.values()) {
                    assertThat(other.counters(seat.slot()).get(counter)).isEqualTo(100L + counter.ordinal());
                    assertThat(other.counters(keeper.slot()).get(counter)).isZero();
                }
            }
            seat.close();
            Seat next = sleeper.join(roster, "short");
            assertThat(next.slot()).isEqualTo(seat.slot());
            assertThat(roster.entry(next.slot()).orElseThrow().label()).isEqualTo("short");
            for (Counter counter : Counter.values()) {
                assertThat(next.counters().get(counter)).isZero();
            }
            next.close();
            keeper.close();
            keeper.roster().close();
        }
    }

    @Test
    void shouldLookWithoutCreatingAnything() throws Exception {
        Path base = path.resolve("base");
        RosterFolder fresh = RosterFolder.at(base);
        assertThat(Roster.look(fresh, "g")).isEmpty();
        assertThat(base).doesNotExist();
        try (Roster other = Roster.open(fresh, "other")) {
            assertThat(Roster.look(fresh, "g")).isEmpty();
            assertThat(base.resolve("g")).doesNotExist();
            assertThat(other.all()).isEmpty();
        }
    }

    @Test
    void shouldOnlyReadWhenLooking() throws Exception {
        try (Sleeper sleeper = new Sleeper(); Roster roster = Roster.open(folder, "g")) {
            Seat seat = sleeper.join(roster, "seen");
            try (Roster seen = Roster.look(folder, "g").orElseThrow()) {
                assertThat(seen.live()).extracting(Entry::label).containsExactly("seen");
                assertThat(seen.epoch()).isEqualTo(roster.epoch());
                assertThatThrownBy(() -> seen.claim(false, "", -1)).isInstanceOf(UnsupportedOperationException.class);
                assertThatThrownBy(seen::reapAll).isInstanceOf(UnsupportedOperationException.class);
                assertThatThrownBy(() -> seen.counters(0).set(Counter.ALERTS_IN, 1))
                        .isInstanceOf(RuntimeException.class);
            }
            assertThat(path.resolve("g/roster")).exists();
            seat.close();
        }
    }

    @Test
    void shouldThrowAndNotCrashWhenUsedAfterClose() throws Exception {
        Seat seat = Roster.join(folder, "g", false, "", -1);
        Roster roster = seat.roster();
        Counters counters = seat.counters();
        seat.close();
        roster.close();
        roster.close();

        assertThatThrownBy(roster::epoch).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(roster::all).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> counters.get(Counter.ALERTS_IN)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> counters.add(Counter.REFUSED, 1)).isInstanceOf(IllegalStateException.class);
        assertThat(path).isEmptyDirectory();
    }

    @Test
    void shouldRefuseSlotsThatAreNone() throws Exception {
        try (Roster roster = Roster.open(folder, "g")) {
            assertThatThrownBy(() -> roster.entry(-1)).isInstanceOf(IndexOutOfBoundsException.class);
            assertThatThrownBy(() -> roster.counters(1024)).isInstanceOf(IndexOutOfBoundsException.class);
            assertThatThrownBy(() -> roster.reap(1024, 1)).isInstanceOf(IndexOutOfBoundsException.class);
        }
    }

    @Test
    void shouldNoticeThatTheLastOneTookTheFilesAway() throws Exception {
        Roster stale = Roster.open(folder, "g");
        try (Sleeper sleeper = new Sleeper()) {
            try (Roster roster = Roster.open(folder, "g")) {
                sleeper.join(roster, "came and went").close();
            }
            assertThatThrownBy(() -> sleeper.join(stale, "late")).isInstanceOf(RosterRemovedException.class);
            try (Roster fresh = Roster.open(folder, "g")) {
                assertThatThrownBy(() -> sleeper.join(stale, "late")).isInstanceOf(RosterRemovedException.class);
                Seat seat = sleeper.join(fresh, "in");
                stale.close();
                assertThat(fresh.live()).hasSize(1);
                seat.close();
            }
        }
        assertThat(path).isEmptyDirectory();
    }

    @Test
    void shouldLeaveATableWhoseFilesWereDeletedByHand() throws Exception {
        try (Sleeper sleeper = new Sleeper(); Roster roster = Roster.open(folder, "g")) {
            Seat seat = sleeper.join(roster, "orphan");
            Files.delete(path.resolve("g/roster"));
            Files.delete(path.resolve("g/lock"));
            Files.delete(path.resolve("g"));
            try (Roster next = Roster.open(folder, "g")) {
                Seat other = sleeper.join(next, "next");
                seat.leaving();
                seat.close();
                assertThat(roster.all()).isEmpty();
                assertThat(next.live()).extracting(Entry::label).containsExactly("next");
                assertThat(path.resolve("g/roster")).exists();
                other.close();
            }
        }
        assertThat(path).isEmptyDirectory();
    }

    /** As if the last leaver were about to remove the folder, and the lock had been made anew under his hands. */
    @Test
    void shouldLeaveNoLockBehindWhereTheRosterIsGone() throws Exception {
        try (Sleeper sleeper = new Sleeper(); Roster roster = Roster.open(folder, "g")) {
            Seat seat = sleeper.join(roster, "last");
            Files.delete(path.resolve("g/roster"));
            seat.close();
            assertThat(path).isEmptyDirectory();
        }
    }

    /** As if the last leaver had been killed after he had marked the roster as removed. */
    @Test
    void shouldRemoveWhatAnotherOnlyMarkedAsRemoved() throws Exception {
        try (Sleeper sleeper = new Sleeper(); Roster roster = Roster.open(folder, "g")) {
            Seat seat = sleeper.join(roster, "last but one");
            roster.table().markRemoved();
            seat.close();
            assertThat(path).isEmptyDirectory();
        }
    }

    @Test
    void shouldGoOnWhileItsPathCannotBeReached() throws Exception {
        try (Sleeper sleeper = new Sleeper(); Roster roster = Roster.open(folder, "g")) {
            Seat seat = sleeper.join(roster, "seen");
            Files.move(path.resolve("g"), path.resolve("away"));
            assertThatThrownBy(roster::requireInPlace).isInstanceOf(RosterRemovedException.class);
            Files.createSymbolicLink(path.resolve("g"), Path.of("g"));
            // ELOOP says nothing for certain.
            assertThatThrownBy(roster::requireInPlace).isInstanceOf(RosterException.class)
                    .isNotInstanceOf(RosterRemovedException.class);
            Files.delete(path.resolve("g"));
            Files.createFile(path.resolve("g"));
            assertThat(roster.live()).extracting(Entry::label).containsExactly("seen");
            roster.requireSeat(seat);
            assertThatThrownBy(() -> Roster.open(folder, "g")).isInstanceOf(RosterException.class)
                    .hasMessageContaining("is not a folder");

            Files.delete(path.resolve("g"));
            Files.move(path.resolve("away"), path.resolve("g"));
            roster.requireInPlace();
            Roster.open(folder, "g").close();
            seat.close();
        }
        assertThat(path).isEmptyDirectory();
    }

    @Test
    void shouldKeepAFolderWithForeignFiles() throws Exception {
        try (Sleeper sleeper = new Sleeper(); Roster roster = Roster.open(folder, "g")) {
            Seat seat = sleeper.join(roster, "");
            Files.writeString(path.resolve("g/notes"), "mine");
            seat.close();
        }
        assertThat(path.resolve("g")).isDirectoryContaining("glob:**/notes");
        assertThat(path.resolve("g/roster")).doesNotExist();
        assertThat(folder.groups()).isEmpty();
    }
}
