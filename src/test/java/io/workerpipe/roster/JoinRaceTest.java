package io.workerpipe.roster;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Joining and leaving at the same instant, by threads with a roster each, and by processes. */
@Timeout(300)
class JoinRaceTest {
    @TempDir
    Path path;

    private RosterFolder folder;

    @BeforeEach
    void openFolder() throws Exception {
        // The folder above the group's comes and goes too.
        folder = RosterFolder.removable(path.resolve("base"));
    }

    @Test
    void shouldGiveEachItsOwnSlotWhenThreadsJoinAtOnce() throws Exception {
        int threads = 8;
        List<Sleeper> sleepers = new ArrayList<>();
        try (ExecutorService executor = Executors.newFixedThreadPool(threads)) {
            for (int i = 0; i < threads; i++) {
                sleepers.add(new Sleeper());
            }
            for (int round = 0; round < 500; round++) {
                CyclicBarrier barrier = new CyclicBarrier(threads);
                List<Callable<Seat>> joins = new ArrayList<>();
                for (Sleeper sleeper : sleepers) {
                    joins.add(() -> {
                        barrier.await();
                        return sleeper.join(Roster.open(folder, "g"), "racer");
                    });
                }
                List<Seat> seats = new ArrayList<>();
                for (Future<Seat> joined : executor.invokeAll(joins)) {
                    seats.add(joined.get());
                }
                assertThat(seats).extracting(Seat::slot).containsExactlyInAnyOrder(0, 1, 2, 3, 4, 5, 6, 7);
                assertThat(new HashSet<>(seats.stream().map(Seat::incarnation).toList())).hasSize(threads);
                assertThat(seats.getFirst().roster().live()).hasSize(threads);

                List<Callable<Void>> leaves = new ArrayList<>();
                for (Seat seat : seats) {
                    leaves.add(() -> {
                        barrier.await();
                        seat.close();
                        seat.roster().close();
                        return null;
                    });
                }
                for (Future<Void> left : executor.invokeAll(leaves)) {
                    left.get();
                }
                assertThat(path).isEmptyDirectory();
            }
        } finally {
            for (Sleeper sleeper : sleepers) {
                sleeper.close();
            }
        }
    }

    @Test
    void shouldNeverJoinWhatTheLastLeaverTookAway() throws Exception {
        int threads = 3;
        int turns = 1000;
        List<Sleeper> sleepers = new ArrayList<>();
        try (ExecutorService executor = Executors.newFixedThreadPool(threads)) {
            List<Callable<Void>> workers = new ArrayList<>();
            for (int i = 0; i < threads; i++) {
                Sleeper sleeper = new Sleeper();
                sleepers.add(sleeper);
                workers.add(() -> {
                    for (int turn = 0; turn < turns; turn++) {
                        comeAndGo(sleeper);
                    }
                    return null;
                });
            }
            for (Future<Void> worker : executor.invokeAll(workers)) {
                worker.get();
            }
        } finally {
            for (Sleeper sleeper : sleepers) {
                sleeper.close();
            }
        }
        assertThat(path).isEmptyDirectory();
    }

    /** Whoever is in must be found by who looks anew: nobody sits in a roster that is not at its place. */
    private void comeAndGo(Sleeper sleeper) throws Exception {
        while (true) {
            Roster roster = Roster.open(folder, "g");
            try (roster) {
                Seat seat = sleeper.join(roster, "brief");
                try (Roster seen = Roster.look(folder, "g").orElseThrow()) {
                    assertThat(seen.live()).extracting(Entry::pid).contains(sleeper.pid());
                }
                seat.close();
                return;
            } catch (RosterRemovedException e) {
                // Opened between the last leaver's claim and his leaving: again, as Roster.join does.
            }
        }
    }

    @Test
    void shouldReadWholeEntriesWhileSlotsChangeHands() throws Exception {
        AtomicBoolean stop = new AtomicBoolean();
        try (Sleeper keeper = new Sleeper();
                Sleeper one = new Sleeper();
                Sleeper two = new Sleeper();
                Roster roster = Roster.open(folder, "g");
                ExecutorService executor = Executors.newFixedThreadPool(2)) {
            Seat keeping = keeper.join(roster, "keeper");
            Future<Long> reading = executor.submit(() -> {
                long seen = 0;
                while (!stop.get()) {
                    for (Entry entry : roster.entry(1).stream().toList()) {
                        Sleeper owner = entry.pid() == one.pid() ? one : two;
                        String label = entry.pid() == one.pid() ? "one" : "two and a longer label";
                        assertThat(entry.pid()).isEqualTo(owner.pid());
                        assertThat(entry.startTime()).isEqualTo(owner.owner().startTime());
                        assertThat(entry.index()).isEqualTo(owner.pid());
                        assertThat(entry.label()).isEqualTo(label);
                        if (entry.hasInbox()) {
                            assertThat(entry.inboxInode()).isEqualTo(owner.inbox());
                            assertThat(entry.inboxFd()).isZero();
                        } else {
                            assertThat(entry.state()).isEqualTo(State.JOINING);
                            assertThat(entry.inboxFd()).isEqualTo(-1);
                        }
                        seen++;
                    }
                }
                return seen;
            });
            for (int i = 0; i < 3000; i++) {
                Sleeper sleeper = i % 2 == 0 ? one : two;
                Seat seat = roster.claim(sleeper.owner(), false, i % 2 == 0 ? "one" : "two and a longer label",
                        sleeper.pid());
                seat.publish(sleeper.inbox(), 0);
                seat.close();
            }
            stop.set(true);
            assertThat(reading.get()).isPositive();
            keeping.close();
        }
        assertThat(path).isEmptyDirectory();
    }

    @Test
    void shouldLetProcessesJoinAtOnceAndReapTheKilled() throws Exception {
        List<RosterChild> children = new ArrayList<>();
        try {
            for (int i = 0; i < 3; i++) {
                children.add(new RosterChild(folder.path(), "g"));
            }
            for (RosterChild child : children) {
                assertThat(child.ask("ready")).isEqualTo("ready");
            }
            for (RosterChild child : children) {
                child.say("join");
            }
            Set<String> answers = new HashSet<>();
            for (RosterChild child : children) {
                answers.add(child.hear().split(" ")[1]);
            }
            assertThat(answers).containsExactlyInAnyOrder("0", "1", "2");
            try (Roster roster = Roster.open(folder, "g")) {
                assertThat(roster.live()).extracting(Entry::pid)
                        .containsExactlyInAnyOrderElementsOf(children.stream().map(RosterChild::pid).toList());
                assertThat(roster.reapAll()).isZero();
                children.get(1).kill();
                assertThat(roster.reapAll()).isEqualTo(1);
                assertThat(children.get(0).ask("leave")).isEqualTo("left");
                assertThat(roster.live()).extracting(Entry::pid).containsExactly(children.get(2).pid());
                assertThat(children.get(2).ask("leave")).isEqualTo("left");
            }
        } finally {
            for (RosterChild child : children) {
                child.close();
            }
        }
        assertThat(path).isEmptyDirectory();
    }

    @Test
    void shouldLetProcessesComeAndGo() throws Exception {
        try (RosterChild one = new RosterChild(folder.path(), "g");
                RosterChild two = new RosterChild(folder.path(), "g")) {
            one.say("churn 200");
            two.say("churn 200");
            assertThat(one.hear()).isEqualTo("churned 200");
            assertThat(two.hear()).isEqualTo("churned 200");
        }
        assertThat(path).isEmptyDirectory();
    }

    @Test
    void shouldStayInOrderWhereverAMemberIsKilled() throws Exception {
        long seed = System.nanoTime();
        System.out.println("JoinRaceTest.shouldStayInOrderWhereverAMemberIsKilled: seed " + seed);
        Random random = new Random(seed);
        try (Sleeper sleeper = new Sleeper()) {
            for (int round = 0; round < 12; round++) {
                try (RosterChild child = new RosterChild(folder.path(), "g")) {
                    assertThat(child.ask("churn 1")).isEqualTo("churned 1");
                    child.say("churn 1000000");
                    long end = System.nanoTime() + random.nextLong(TimeUnit.MILLISECONDS.toNanos(100));
                    do {
                        comeAndGo(sleeper);
                    } while (System.nanoTime() < end);
                    child.kill();
                }
                if (round % 2 == 0) {
                    comeAndGo(sleeper);
                } else {
                    Roster.sweep(folder, "g");
                }
                assertThat(path).isEmptyDirectory();
            }
        }
    }
}
