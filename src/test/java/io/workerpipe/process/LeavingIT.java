package io.workerpipe.process;

import static org.assertj.core.api.Assertions.assertThat;

import io.workerpipe.process.Checker.Balance;
import io.workerpipe.roster.Counter;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Who leaves while others send to it gets all that they were told is on its way. */
@Timeout(600)
class LeavingIT {
    private static final int STAYING = 3;
    private static final int COMING_AND_GOING = 3;

    @RegisterExtension
    final Children children = new Children();

    @Test
    void shouldDeliverAllThatWasAcceptedWhenWorkersJoinAndLeaveInTraffic() throws Exception {
        long seed = System.nanoTime();
        System.out.println("seed " + seed);
        List<ChildJvm> members = new ArrayList<>(children.members(STAYING, "wait=30000"));
        for (ChildJvm member : members) {
            member.say("traffic 1000000 random 2 " + seed);
        }
        Set<Long> left = new HashSet<>();
        for (int i = STAYING; i < STAYING + COMING_AND_GOING; i++) {
            ChildJvm guest = children.member("w" + i);
            guest.hear("joined");
            Await.until("busy", ChildJvm.LIMIT, () -> children.counter(guest, Counter.ALERTS_IN) > 200);
            left.add(guest.pid());
            Children.leave(guest);
        }
        for (ChildJvm member : members) {
            member.ask("quiet", "quiet");
            member.event("done");
            member.event("done");
        }
        Children.leave(members.toArray(ChildJvm[]::new));

        Balance balance = Checker.check(children.books(STAYING + COMING_AND_GOING), Set.of(), left);
        System.out.println("three left: " + balance);
        assertThat(balance.delivered()).isGreaterThan(1000);
        assertThat(balance.lost()).isZero();
        children.assertNothingLeft();
    }
}
