package io.workerpipe.process;

import static org.assertj.core.api.Assertions.assertThat;

import io.workerpipe.process.Checker.Balance;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Processes that all send to all, and a balance that is exact. */
@Timeout(600)
class AllToAllIT {
    @RegisterExtension
    final Children children = new Children();

    @ParameterizedTest
    @CsvSource({"2, 4000, 1, 16777216", "2, 1000, 4, 2097152", "5, 200, 3, 16777216", "20, 20, 1, 16777216"})
    void shouldDeliverAllThatWasAcceptedWhenAllSendToAll(int workers, int rounds, int threads, long outbox)
            throws Exception {
        long seed = System.nanoTime();
        System.out.println("seed " + seed);
        List<ChildJvm> members = children.members(workers, "outbox=" + outbox);

        for (ChildJvm member : members) {
            member.say("traffic " + rounds + " all " + threads + " " + seed);
        }
        long accepted = 0;
        long refused = 0;
        for (ChildJvm member : members) {
            for (int thread = 0; thread < threads; thread++) {
                String[] done = member.event("done").split(" ");
                accepted += Long.parseLong(done[0]);
                refused += Long.parseLong(done[1]);
            }
        }
        // All at once: what lies in outboxes and pipes has to arrive while everybody leaves.
        Children.leave(members.toArray(ChildJvm[]::new));

        Balance balance = Checker.check(children.books(workers), Set.of());
        System.out.println(workers + " workers: " + balance);
        assertThat(balance).isEqualTo(
                new Balance((long) workers * (workers - 1) * rounds * threads, accepted, refused, 0, 0, 0));
        children.assertNothingLeft();
    }

    @ParameterizedTest
    @CsvSource({"2, 500", "5, 200", "20, 20"})
    void shouldReachEachWorkerOnceWhenBroadcast(int workers, int each) throws Exception {
        long seed = System.nanoTime();
        System.out.println("seed " + seed);
        List<ChildJvm> members = children.members(workers, "wait=30000");

        for (ChildJvm member : members) {
            member.say("broadcast " + each + " " + seed);
        }
        for (ChildJvm member : members) {
            member.event("done");
        }
        Children.leave(members.toArray(ChildJvm[]::new));

        long all = (long) workers * workers * each;
        assertThat(Checker.check(children.books(workers), Set.of())).isEqualTo(new Balance(all, all, 0, 0, 0, 0));
        children.assertNothingLeft();
    }
}
