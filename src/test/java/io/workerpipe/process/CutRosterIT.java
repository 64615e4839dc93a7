package io.workerpipe.process;

import static org.assertj.core.api.Assertions.assertThat;

import io.workerpipe.roster.Counter;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The roster is cut, overwritten or removed while its workers send: they go on with each other, and say what is wrong. */
@Timeout(600)
class CutRosterIT {
    private static final int MEMBERS = 3;
    private static final int ROUNDS = 300;

    @RegisterExtension
    final Children children = new Children();

    private Path roster() {
        return children.groups().resolve(Children.GROUP).resolve("roster");
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 4096, 4096 + 512})
    void shouldGoOnWithThoseItKnowsWhenTheFileIsCut(long size) throws Exception {
        long seed = new Random().nextLong(1_000_000);
        System.out.println("seed " + seed);
        List<ChildJvm> members = children.members(MEMBERS);
        for (ChildJvm member : members) {
            member.say("traffic " + ROUNDS + " all 2 " + seed);
        }
        Await.until("traffic", ChildJvm.LIMIT, () -> children.counter(members.getFirst(), Counter.ALERTS_IN) > 100);
        try (FileChannel file = FileChannel.open(roster(), StandardOpenOption.WRITE)) {
            file.truncate(size);
        }
        for (ChildJvm member : members) {
            for (int thread = 0; thread < 2; thread++) {
                assertThat(member.event("done")).endsWith(" 0");
            }
            assertThat(member.ask("workers", "workers").split(",")).hasSize(MEMBERS);
        }
        leave(members);
        Checker.Balance balance = Checker.check(children.books(MEMBERS), Set.of());
        assertThat(balance.delivered() + balance.refused()).isEqualTo(2L * ROUNDS * MEMBERS * (MEMBERS - 1));
        for (ChildJvm member : members) {
            assertThat(member.log()).contains("the roster cannot be used any more")
                    .doesNotContain("reader thread ended")
                    .doesNotContain("writer thread ended");
        }
        assertMended(size + " bytes");
    }

    @Test
    void shouldGoOnWithThoseItKnowsWhenTheFileIsOverwritten() throws Exception {
        List<ChildJvm> members = children.members(MEMBERS);
        try (FileChannel file = FileChannel.open(roster(), StandardOpenOption.WRITE)) {
            ByteBuffer zeros = ByteBuffer.allocate((int) Files.size(roster()));
            while (zeros.hasRemaining()) {
                file.write(zeros, zeros.position());
            }
        }
        for (ChildJvm member : members) {
            for (ChildJvm other : members) {
                member.ask("send " + other.pid() + " 1000", "sent");
            }
        }
        ChildJvm prober = children.prober("prober");
        assertThat(prober.ask("join", "failed")).startsWith("JoinException").contains("is not a roster, or is damaged")
                .contains("remove " + roster().getParent());
        ChildJvm killed = members.getLast();
        killed.kill();
        for (ChildJvm member : members.subList(0, MEMBERS - 1)) {
            Await.until("seen dead", ChildJvm.LIMIT,
                    () -> member.ask("workers", "workers").split(",").length == MEMBERS - 1);
        }
        leave(members.subList(0, MEMBERS - 1));
        Checker.check(children.books(MEMBERS), Set.of(killed.pid()));
        for (ChildJvm member : members.subList(0, MEMBERS - 1)) {
            assertThat(member.log()).contains("the roster cannot be used any more")
                    .contains("is not a roster any more");
        }
        // Nobody is in it: who leaves has taken it away.
        prober.ask("join", "ok");
        Children.stop(prober);
        children.assertNothingLeft();
    }

    @Test
    void shouldSayThatNobodyNewFindsItWhenTheFolderIsRemoved() throws Exception {
        ChildJvm old = children.joined("old");
        ChildJvm second = children.joined("second");
        ChildJvm third = children.joined("third");
        Await.until("seen", ChildJvm.LIMIT, () -> old.ask("workers", "ok").split(",").length == 3);
        removeGroup();
        // Without anything that would move the epoch.
        Await.until("said", ChildJvm.LIMIT, () -> old.log().contains("nobody new will find this worker"));
        ChildJvm fresh = children.joined("fresh");
        assertThat(fresh.ask("workers", "ok")).isEqualTo("" + fresh.pid());
        old.ask("send " + second.pid() + " 10", "ok");
        Await.until("received", ChildJvm.LIMIT, () -> second.ask("received", "ok").equals("1 10"));
        third.kill();
        Await.until("seen dead", ChildJvm.LIMIT, () -> old.ask("workers", "ok").split(",").length == 2);
        Children.stop(old, second);
        // What they leave is not that of the new group.
        assertThat(children.roster()).singleElement().matches(entry -> entry.pid() == fresh.pid());
        old.ask("join", "ok");
        Await.until("together", ChildJvm.LIMIT, () -> fresh.ask("workers", "ok").split(",").length == 2);
        Children.stop(old, fresh);
        children.assertNothingLeft();
    }

    /** A member that does not hear of it costs another one half of its limit, which is a minute. */
    private static void leave(List<ChildJvm> members) throws Exception {
        long start = System.nanoTime();
        Children.leave(members.toArray(ChildJvm[]::new));
        System.out.println("left after " + (System.nanoTime() - start) / 1_000_000 + " ms");
        assertThat(System.nanoTime() - start).as("nanoseconds to leave").isLessThan(30_000_000_000L);
    }

    /** Refused with the reason; after what it says was done, the group is there again. */
    private void assertMended(String reason) throws Exception {
        ChildJvm prober = children.prober("prober");
        assertThat(prober.ask("join", "failed")).startsWith("JoinException").contains(reason)
                .contains("remove " + roster().getParent());
        removeGroup();
        prober.ask("join", "ok");
        Children.stop(prober);
        children.assertNothingLeft();
        try (Stream<Path> crashes = Files.list(Path.of(""))) {
            assertThat(crashes.filter(file -> file.toString().startsWith("hs_err"))).isEmpty();
        }
    }

    private void removeGroup() throws IOException {
        try (Stream<Path> files = Files.walk(roster().getParent())) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
