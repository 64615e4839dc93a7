package io.workerpipe.process;

import static org.assertj.core.api.Assertions.assertThat;

import io.workerpipe.process.Checker.Balance;
import io.workerpipe.roster.Counter;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Who sends as fast as it can keeps nobody else from being heard, nor the one it sends to from speaking. */
@Timeout(600)
class FloodIT {
    private static final String ENDLESS = "traffic 1000000 ";

    @RegisterExtension
    final Children children = new Children();

    @Test
    void shouldHearTheOthersAndSpeakWhileOneFloods() throws Exception {
        long seed = System.nanoTime();
        System.out.println("seed " + seed);
        List<ChildJvm> members = children.members(3, "wait=60000");
        ChildJvm flooded = members.get(0);
        ChildJvm flooder = members.get(1);
        ChildJvm other = members.get(2);
        flooder.say(ENDLESS + flooded.pid() + " 3 " + seed);
        long flood = awaitMore(flooded, 0);

        // Questions through the flooded inbox, whose answers its handlers send.
        other.ask("ping " + flooded.pid() + " 100", "ponged");
        flood = awaitMore(flooded, flood);
        // Its own questions, whose answers come through the flooded inbox.
        flooded.ask("ping " + other.pid() + " 100", "ponged");
        flood = awaitMore(flooded, flood);
        // And what needs no answer, of all lengths.
        other.say("traffic 300 " + flooded.pid() + " 1 " + seed).event("done");
        flood = awaitMore(flooded, flood);
        flooded.say("traffic 300 " + other.pid() + " 1 " + seed).event("done");
        awaitMore(flooded, flood);

        flooder.ask("quiet", "quiet");
        for (int thread = 0; thread < 3; thread++) {
            flooder.event("done");
        }
        Children.leave(members.toArray(ChildJvm[]::new));
        Balance balance = Checker.check(children.books(3), Set.of());
        System.out.println("flood: " + balance);
        assertThat(balance).isEqualTo(new Balance(balance.attempted(), balance.attempted(), 0, 0, 0, 0));
        children.assertNothingLeft();
    }

    /** The flood goes on: another thousand alerts have come. */
    private long awaitMore(ChildJvm flooded, long before) throws Exception {
        Await.until("flooded on", ChildJvm.LIMIT, () -> alertsIn(flooded) > before + 1000, () -> before);
        return alertsIn(flooded);
    }

    private long alertsIn(ChildJvm member) throws Exception {
        return children.counter(member, Counter.ALERTS_IN);
    }

    @Test
    void shouldDeliverAllWhenSixtyFourThreadsSendToSeveralWorkers() throws Exception {
        int threads = 64;
        int rounds = 50;
        long seed = System.nanoTime();
        System.out.println("seed " + seed);
        // Outboxes and pool so small that all of them wait for both.
        List<ChildJvm> members = children.members(4, "wait=120000", "outbox=1048576", "pool=2097152");

        members.getFirst().say("traffic " + rounds + " all " + threads + " " + seed);
        long accepted = 0;
        for (int thread = 0; thread < threads; thread++) {
            String[] done = members.getFirst().event("done").split(" ");
            accepted += Long.parseLong(done[0]);
        }
        Children.leave(members.toArray(ChildJvm[]::new));

        Balance balance = Checker.check(children.books(4), Set.of());
        System.out.println(threads + " threads: " + balance);
        long attempted = (long) threads * rounds * 3;
        assertThat(balance).isEqualTo(new Balance(attempted, accepted, attempted - accepted, 0, 0, 0));
        // Refused are those that are larger than an outbox, no others.
        assertThat(accepted).isGreaterThan(attempted * 95 / 100);
        children.assertNothingLeft();
    }
}
