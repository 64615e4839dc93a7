package io.workerpipe.roster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.workerpipe.linux.Proc;
import java.io.BufferedReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Who is gone by the design's rules, and who is not. */
@Timeout(600)
class ReapTest {
    @TempDir
    Path path;

    private RosterFolder folder;

    @BeforeEach
    void openFolder() throws Exception {
        folder = RosterFolder.at(path);
    }

    @Test
    void shouldReapOnlyAfterTheKill() throws Exception {
        try (Sleeper one = new Sleeper(); Sleeper two = new Sleeper(); Roster roster = Roster.open(folder, "g")) {
            Seat seat = one.join(roster, "one");
            two.join(roster, "two");
            assertThat(roster.reap(seat.slot(), seat.incarnation())).isFalse();
            assertThat(roster.reapAll()).isZero();

            one.kill();
            assertThat(roster.entry(seat.slot()).orElseThrow().isGone()).isTrue();
            assertThat(roster.reap(seat.slot(), seat.incarnation() + 1)).isFalse();
            assertThat(roster.reap(seat.slot(), seat.incarnation())).isTrue();
            assertThat(roster.reap(seat.slot(), seat.incarnation())).isFalse();
            assertThat(roster.live()).extracting(Entry::label).containsExactly("two");

            two.kill();
            assertThat(roster.reapAll()).isEqualTo(1);
            assertThat(path).isEmptyDirectory();
        }
    }

    /** Nobody watches guests. */
    @Test
    void shouldRemoveTheFilesWhenTheLastOneLeavesAndTheOthersAreDead() throws Exception {
        try (Sleeper guest = new Sleeper();
                Sleeper worker = new Sleeper();
                Sleeper other = new Sleeper();
                Roster roster = Roster.open(folder, "g")) {
            Seat last = worker.join(roster, "last");
            Seat first = other.join(roster, "other");
            roster.claim(guest.owner(), true, "guest", -1);
            guest.kill();
            first.close();
            assertThat(roster.live()).extracting(Entry::label).containsExactly("last");
            last.close();
            assertThat(path).isEmptyDirectory();
        }
    }

    /** It may be held by a process that is stopped: nobody's writer thread must wait for that. */
    @Test
    @Timeout(value = 30, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void shouldReapAndLeaveWhileSomebodyHoldsTheLock() throws Exception {
        try (Sleeper one = new Sleeper();
                Sleeper two = new Sleeper();
                Sleeper three = new Sleeper();
                Roster roster = Roster.open(folder, "g")) {
            Seat dead = one.join(roster, "dead");
            two.join(roster, "also dead");
            Seat last = three.join(roster, "last");
            Seat leaver = roster.claim(Owner.here(), true, "leaver", -1);
            one.kill();
            two.kill();
            try (GroupLock _ = GroupLock.takeExisting(new GroupFolder(folder, "g")).orElseThrow()) {
                assertThat(roster.reap(dead.slot(), dead.incarnation())).isTrue();
                assertThat(roster.reapAll()).isEqualTo(1);
                leaver.close();
                assertThat(roster.all()).extracting(Entry::label).containsExactly("last");
            }
            last.close();
        }
        assertThat(path).isEmptyDirectory();
    }

    @Test
    void shouldMakeTheLockAnewWhereOnlyThatWasDeleted() throws Exception {
        try (Sleeper one = new Sleeper(); Roster roster = Roster.open(folder, "g")) {
            Seat seat = one.join(roster, "one");
            Files.delete(path.resolve("g").resolve("lock"));
            seat.close();
        }
        assertThat(path).isEmptyDirectory();
    }

    @Test
    void shouldTellTheReapedThatItsSlotIsNotItsOwn() throws Exception {
        try (Sleeper one = new Sleeper(); Sleeper two = new Sleeper(); Roster roster = Roster.open(folder, "g")) {
            two.join(roster, "two");
            Seat seat = roster.claim(one.owner(), false, "one", -1);
            one.kill();
            assertThat(roster.reapAll()).isEqualTo(1);
            assertThatThrownBy(() -> seat.publish(one.inbox(), 0)).isInstanceOf(RosterException.class)
                    .hasMessageContaining("taken away");
            seat.close();
            assertThat(roster.live()).hasSize(1);
        }
        assertThat(Roster.sweep(folder, "g")).isEqualTo(1);
    }

    @Test
    void shouldReapAZombie() throws Exception {
        Process parent = new ProcessBuilder("sh", "-c", "sleep 1000 & echo $!; exec sleep 1000").start();
        try (BufferedReader output = parent.inputReader(); Roster roster = Roster.open(folder, "g")) {
            int child = Integer.parseInt(output.readLine());
            Owner owner = new Owner(child, Proc.startTime(child));
            // No inbox: its state must be enough.
            Seat seat = roster.claim(owner, true, "zombie", -1);
            assertThat(roster.reapAll()).isZero();

            new ProcessBuilder("kill", "-9", Integer.toString(child)).start().waitFor();
            long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
            while (Proc.state(child) != 'Z' && System.nanoTime() < end) {
                Thread.onSpinWait();
            }
            assertThat(Proc.startTime(child)).isEqualTo(owner.startTime());
            assertThat(roster.reap(seat.slot(), seat.incarnation())).isTrue();
        } finally {
            parent.descendants().forEach(ProcessHandle::destroyForcibly);
            parent.destroyForcibly().waitFor();
        }
        assertThat(path).isEmptyDirectory();
    }

    @Test
    void shouldReapWhosePidIsAnotherProcessNow() throws Exception {
        try (Sleeper sleeper = new Sleeper(); Roster roster = Roster.open(folder, "g")) {
            Owner earlier = new Owner(sleeper.pid(), sleeper.owner().startTime() - 1);
            Seat old = roster.claim(earlier, false, "old", -1);
            old.publish(sleeper.inbox(), 0);
            // The new process with that pid is not taken for the old one either.
            Seat now = sleeper.join(roster, "new");

            assertThat(now.slot()).isEqualTo(old.slot());
            assertThat(roster.live()).extracting(Entry::label).containsExactly("new");
            now.close();
        }
        assertThat(path).isEmptyDirectory();
    }

    @Test
    void shouldReapWhoHasNotThatInbox() throws Exception {
        try (Sleeper sleeper = new Sleeper(); Roster roster = Roster.open(folder, "g")) {
            Seat otherPipe = roster.claim(sleeper.owner(), false, "", -1);
            otherPipe.publish(sleeper.inbox() + 1, 0);
            assertThat(roster.reap(otherPipe.slot(), otherPipe.incarnation())).isTrue();
        }
        try (Sleeper sleeper = new Sleeper(); Roster roster = Roster.open(folder, "g")) {
            Seat noSuchFd = roster.claim(sleeper.owner(), false, "", -1);
            noSuchFd.publish(sleeper.inbox(), 999);
            assertThat(roster.reap(noSuchFd.slot(), noSuchFd.incarnation())).isTrue();
        }
        assertThat(path).isEmptyDirectory();
    }

    @Test
    void shouldNotReapWhoMayNotBeLookedAt() throws Exception {
        assumeTrue(Proc.fdLink(1, 0).answer() == Proc.FdLink.Answer.DENIED, "we may look at process 1");
        try (Roster roster = Roster.open(folder, "g")) {
            Seat seat = roster.claim(new Owner(1, Proc.startTime(1)), false, "", -1);
            seat.publish(4711, 0);
            assertThat(roster.reapAll()).isZero();
            seat.close();
        }
    }

    @Test
    void shouldNotReapAJoinerThatHasNoInboxYet() throws Exception {
        try (Sleeper sleeper = new Sleeper(); Roster roster = Roster.open(folder, "g")) {
            try (Seat seat = roster.claim(sleeper.owner(), false, "", -1)) {
                assertThat(roster.entry(seat.slot()).orElseThrow().hasInbox()).isFalse();
                assertThat(roster.reapAll()).isZero();
            }
        }
    }

    @Test
    void shouldReapOnTheWayWhenJoining() throws Exception {
        try (Sleeper one = new Sleeper();
                Sleeper two = new Sleeper();
                Sleeper three = new Sleeper();
                Roster roster = Roster.open(folder, "g")) {
            one.join(roster, "one");
            two.join(roster, "two");
            one.kill();
            Seat seat = three.join(roster, "three");

            assertThat(seat.slot()).isZero();
            assertThat(roster.live()).extracting(Entry::label).containsExactly("three", "two");
        }
        assertThat(Roster.sweep(folder, "g")).isEqualTo(2);
        assertThat(path).isEmptyDirectory();
    }

    @Test
    void shouldSweepUpAfterAllWereKilled() throws Exception {
        RosterFolder folder = RosterFolder.removable(path.resolve("base"));
        assertThat(Roster.sweep(folder, "g")).isZero();
        try (RosterChild child = new RosterChild(path.resolve("base"), "g")) {
            assertThat(child.ask("join")).startsWith("joined 0");
            assertThat(Roster.sweep(folder, "g")).isZero();
            child.kill();
        }
        try (Roster seen = Roster.look(folder, "g").orElseThrow()) {
            assertThat(seen.live()).singleElement().matches(this::isGone);
        }
        assertThat(Roster.sweep(folder, "g")).isEqualTo(1);
        assertThat(path).isEmptyDirectory();
    }

    private boolean isGone(Entry entry) {
        try {
            return entry.isGone();
        } catch (java.io.IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void shouldHold1024ProcessesAndNotOneMore() throws Exception {
        Process parent = new ProcessBuilder("sh", "-c",
                "i=0; while [ $i -lt 1024 ]; do sleep 1000 >/dev/null & echo $!; i=$((i+1)); done; exec sleep 1000")
                .start();
        List<Integer> pids = new ArrayList<>();
        try (Sleeper sleeper = new Sleeper(); Roster roster = Roster.open(folder, "g")) {
            for (int i = 0; i < Roster.SLOTS; i++) {
                pids.add(Integer.parseInt(parent.inputReader().readLine()));
            }
            List<Seat> seats = new ArrayList<>();
            for (int pid : pids) {
                seats.add(roster.claim(new Owner(pid, Proc.startTime(pid)), pid % 2 == 0, "", seats.size()));
            }
            Set<Integer> slots = seats.stream().map(Seat::slot).collect(Collectors.toSet());
            assertThat(slots).hasSize(1024);
            assertThat(roster.all()).extracting(Entry::index)
                    .isEqualTo(IntStream.range(0, 1024).boxed().toList());

            long guests = pids.stream().filter(pid -> pid % 2 == 0).count();
            assertThatThrownBy(() -> sleeper.join(roster, "one too many")).isInstanceOf(RosterFullException.class)
                    .hasMessageContaining("1024 slots").hasMessageContaining((1024 - guests) + " joining")
                    .hasMessageContaining(guests + " guest");

            new ProcessBuilder("kill", "-9", Integer.toString(pids.get(700))).start().waitFor();
            long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
            while (Proc.state(pids.get(700)) != 'Z' && System.nanoTime() < end) {
                Thread.onSpinWait();
            }
            assertThat(sleeper.join(roster, "in").slot()).isEqualTo(700);
        } finally {
            parent.destroyForcibly().waitFor();
            pids.forEach(pid -> ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly));
        }
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (!folder.groups().isEmpty() && System.nanoTime() < end) {
            Roster.sweep(folder, "g");
        }
        assertThat(path).isEmptyDirectory();
    }
}
