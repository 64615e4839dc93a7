package io.workerpipe.process;

import static org.assertj.core.api.Assertions.assertThat;

import io.workerpipe.process.Checker.Balance;
import io.workerpipe.roster.Counter;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Each branch of the fast path between processes, by force; the balance must be exact over each. */
@Timeout(600)
class FastPathIT {
    @RegisterExtension
    final Children children = new Children();

    private final long seed = System.nanoTime();
    private long accepted;
    private long refused;

    private static List<ChildJvm> say(List<ChildJvm> members, String line) throws Exception {
        for (ChildJvm member : members) {
            member.say(line);
        }
        return members;
    }

    private void awaitDone(List<ChildJvm> members, int threads) throws Exception {
        for (ChildJvm member : members) {
            for (int thread = 0; thread < threads; thread++) {
                String[] done = member.event("done").split(" ");
                accepted += Long.parseLong(done[0]);
                refused += Long.parseLong(done[1]);
            }
        }
    }

    private void assertBalance(List<ChildJvm> members, long attempted) throws Exception {
        Children.leave(members.toArray(ChildJvm[]::new));
        assertThat(Checker.check(children.books(members.size()), Set.of()))
                .isEqualTo(new Balance(attempted, accepted, refused, 0, 0, 0));
        children.assertNothingLeft();
    }

    /** What does not fit the pool at all is refused; nothing else is. */
    @ParameterizedTest(name = "{0}, {2} threads")
    @CsvSource({"pages=one splice=off, 300, 2", //
            "pages=one splice=off pipe=4096 spin=0, 100, 2", //
            "pages=many splice=off pipe=4096 spin=2000, 100, 2", //
            "pages=many splice=off pipe=8192 outbox=262144, 200, 2", //
            "pages=many splice=off pool=262144, 300, 3", //
            "pages=many splice=off outbox=2097152, 15, 64"})
    void shouldKeepTheBalanceByEachBranch(String options, int rounds, int threads) throws Exception {
        System.out.println("seed " + seed);
        List<String> all = new ArrayList<>(List.of(options.split(" ")));
        all.add("wait=60000");
        List<ChildJvm> members = children.members(2, all.toArray(String[]::new));
        awaitDone(say(members, "traffic " + rounds + " all " + threads + " " + seed), threads);
        if (!options.contains("outbox=262144") && !options.contains("pool")) {
            assertThat(refused).isZero();
        }
        assertBalance(members, 2L * rounds * threads);
    }

    @Test
    void shouldKeepTheBalanceWhenAPipeBreaksTheRuleOfWholePagesInTheMiddle() throws Exception {
        System.out.println("seed " + seed);
        List<ChildJvm> members = children.members(3, "pages=many", "splice=off", "wait=60000");
        say(members, "traffic 200 all 2 " + seed);
        ChildJvm first = members.get(0);
        Await.until("sending", ChildJvm.LIMIT, () -> children.counter(first, Counter.BYTES_OUT) > 500_000);
        for (ChildJvm member : members) {
            member.ask("tear", "torn");
        }
        awaitDone(members, 2);
        assertBalance(members, 3L * 2 * 200 * 2);
        assertThat(first.log()).contains("From now on each write is one packet page");
    }

    /** Nobody may write to a page that a pipe still holds by reference: the receiver would see it. */
    @Test
    void shouldKeepTheBalanceWhenPagesGoByReferenceAndReceiversStandStillMeanwhile() throws Exception {
        System.out.println("seed " + seed);
        List<ChildJvm> members = children.members(3, "pages=many", "splice=forced", "wait=60000");
        say(members, "traffic 300 all 2 " + seed);
        standStillMeanwhile(members);
        awaitDone(members, 2);
        long splices = 0;
        for (ChildJvm member : members) {
            splices += Long.parseLong(member.ask("splices", "splices"));
        }
        assertThat(splices).as("writes by reference").isPositive();
        assertBalance(members, 3L * 2 * 300 * 2);
    }

    @Test
    void shouldKeepTheBalanceWhenBurstsMeetReceiversThatStandStillAndOutboxesThatAreFull() throws Exception {
        System.out.println("seed " + seed);
        List<ChildJvm> members = children.members(3, "outbox=2097152", "pipe=65536", "wait=60000");
        say(members, "traffic 300 all 3 " + seed);
        standStillMeanwhile(members);
        awaitDone(members, 3);
        assertThat(refused).isZero();
        assertBalance(members, 3L * 2 * 300 * 3);
    }

    /** One after the other, until those that send to it have something for it that does not fit its pipe. */
    private void standStillMeanwhile(List<ChildJvm> members) throws Exception {
        for (ChildJvm member : members) {
            ChildJvm other = members.get((members.indexOf(member) + 1) % members.size());
            member.stop();
            Await.until("waiting for it, or all is sent", ChildJvm.LIMIT,
                    () -> children.counter(other, Counter.FULLEST_RECEIVER) == member.pid()
                            || children.counter(other, Counter.QUEUED_BYTES) == 0);
            member.resume();
        }
    }
}
