package io.workerpipe.process;

import static org.assertj.core.api.Assertions.assertThat;

import io.workerpipe.process.Checker.Balance;
import io.workerpipe.roster.Counter;
import io.workerpipe.roster.Entry;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** kill -9: lost is what went to or came from that one, and nothing else. */
@Timeout(600)
class KilledWorkerIT {
    /** Milliseconds as a rule: a machine with other work may take long, but a death that nobody saw would take for ever. */
    private static final Duration SEEN_DEAD = Duration.ofSeconds(20);
    private static final int LARGE = 4 << 20;

    @RegisterExtension
    final Children children = new Children();

    @Test
    void shouldDropThePartThatCameWhenSenderIsKilledInMidAlert() throws Exception {
        List<ChildJvm> members = children.members(3);
        ChildJvm receiver = members.get(0);
        ChildJvm sender = members.get(1);
        ChildJvm other = members.get(2);
        sender.ask("send " + receiver.pid() + " 100", "sent");
        receiver.stop();
        sender.ask("send " + receiver.pid() + " " + LARGE, "sent");
        // The pipe is full of a part of it.
        Await.until("written", ChildJvm.LIMIT, () -> children.counter(sender, Counter.BYTES_OUT) > 200_000);
        assertThat(children.counter(sender, Counter.BYTES_OUT)).isLessThan(LARGE);

        sender.kill();
        receiver.resume();
        awaitWorkers(receiver, receiver, other);
        awaitWorkers(other, receiver, other);

        Await.until("dropped", SEEN_DEAD, () -> children.counter(receiver, Counter.DROPPED_OPEN) == 1);
        other.ask("send " + receiver.pid() + " 100", "sent");
        receiver.ask("send " + other.pid() + " " + LARGE, "sent");
        Children.leave(receiver, other);
        Balance balance = Checker.check(children.books(3), Set.of(sender.pid()));
        assertThat(balance).isEqualTo(new Balance(4, 3, 0, 0, 1, 0));
        children.assertNothingLeft();
    }

    @Test
    void shouldReportWhatIsLostWhenReceiverIsKilledInMidAlert() throws Exception {
        List<ChildJvm> members = children.members(3);
        ChildJvm receiver = members.get(0);
        ChildJvm sender = members.get(1);
        ChildJvm other = members.get(2);
        sender.ask("send " + receiver.pid() + " 100", "sent");
        receiver.stop();
        sender.ask("send " + receiver.pid() + " " + LARGE, "sent");
        sender.ask("send " + receiver.pid() + " 100", "sent");
        Await.until("written", ChildJvm.LIMIT, () -> children.counter(sender, Counter.BYTES_OUT) > 200_000);
        assertThat(children.counter(sender, Counter.LOST_WITH_PEER)).isZero();

        receiver.kill();
        awaitWorkers(sender, sender, other);
        awaitWorkers(other, sender, other);

        Await.until("counted as lost", SEEN_DEAD, () -> children.counter(sender, Counter.LOST_WITH_PEER) == 2);
        assertThat(children.roster()).extracting(Entry::pid).containsExactlyInAnyOrder((int) sender.pid(),
                (int) other.pid());
        sender.ask("send " + other.pid() + " " + LARGE, "sent");
        Children.leave(sender, other);
        Balance balance = Checker.check(children.books(3), Set.of(receiver.pid()));
        assertThat(balance.attempted()).isEqualTo(4);
        assertThat(balance.lost()).isBetween(2L, 3L);
        children.assertNothingLeft();
    }

    @Test
    void shouldLoseNothingAmongTheOthersWhenWorkersAreKilledInTraffic() throws Exception {
        long seed = System.nanoTime();
        System.out.println("seed " + seed);
        List<ChildJvm> members = new ArrayList<>(children.members(5, "wait=30000"));
        Set<Long> killed = new HashSet<>();
        for (ChildJvm member : members) {
            member.say("traffic 6000 random 1 " + seed);
        }
        for (int victim = 3; victim < 5; victim++) {
            ChildJvm dying = members.get(victim);
            // In the middle of things: it has got and sent something already.
            Await.until("busy", ChildJvm.LIMIT, () -> children.counter(dying, Counter.ALERTS_IN) > 300);
            dying.kill();
            killed.add(dying.pid());
            ChildJvm next = children.member("w" + members.size());
            next.hear("joined");
            members.add(next);
        }
        List<ChildJvm> alive = members.stream().filter(member -> !killed.contains(member.pid())).toList();
        for (ChildJvm member : alive) {
            awaitWorkers(member, alive.toArray(ChildJvm[]::new));
        }
        for (ChildJvm member : members.subList(0, 3)) {
            member.event("done");
        }
        Children.leave(alive.toArray(ChildJvm[]::new));

        Balance balance = Checker.check(children.books(7), killed);
        System.out.println("two killed: " + balance);
        assertThat(balance.delivered()).isGreaterThan(10_000);
        children.assertNothingLeft();
    }

    private static void awaitWorkers(ChildJvm asked, ChildJvm... expected) throws Exception {
        String pids = Stream.of(expected).map(member -> Long.toString(member.pid())).sorted(Comparator.naturalOrder())
                .collect(Collectors.joining(","));
        Await.until("seen as " + pids, SEEN_DEAD, () -> asked.ask("workers", "workers").equals(pids),
                () -> ask(asked));
    }

    private static String ask(ChildJvm asked) {
        try {
            return asked.ask("workers", "workers");
        } catch (IOException | InterruptedException e) {
            return e.toString();
        }
    }
}
