package io.workerpipe.process;

import static org.assertj.core.api.Assertions.assertThat;

import io.workerpipe.process.Checker.Balance;
import io.workerpipe.roster.Counter;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A process that ends without leaving, but not by force, has left: what it sent arrives. */
@Timeout(60)
class ExitIT {
    @RegisterExtension
    final Children children = new Children();

    @ParameterizedTest
    @ValueSource(strings = {"exit", "return", "term"})
    void shouldDeliverAMebibyteWhenSenderEndsRightAfterSending(String how) throws Exception {
        List<ChildJvm> members = children.members(2);
        ChildJvm receiver = members.get(0);
        ChildJvm sender = members.get(1);

        sender.say("exit-after " + receiver.pid() + " " + (1 << 20) + " " + how);
        if (how.equals("return")) {
            sender.say("return").hear("sent");
        } else if (how.equals("term")) {
            sender.hear("sent");
            sender.terminate();
        }
        if (!how.equals("term")) {
            sender.awaitEnd();
        }

        Children.leave(receiver);
        assertThat(Checker.check(children.books(2),
                Set.of())).isEqualTo(new Balance(1, 1, 0, 0, 0, 0));
        children.assertNothingLeft();
    }

    @Test
    void shouldDeliverWhatLiesInThePipeWhenSenderEndedMeanwhile() throws Exception {
        // Leaving, the sender waits half of this for the receiver, whose reader cannot see it leave.
        List<ChildJvm> members = children.members(3, "close=4000");
        ChildJvm receiver = members.get(0);
        ChildJvm sender = members.get(1);
        ChildJvm other = members.get(2);
        // The reader is in a handler. The next read gets another such alert and the first part of a large one.
        other.say("block " + receiver.pid()).hear("sent");
        receiver.event("blocked");
        other.ask("block " + receiver.pid(), "sent");
        sender.say("exit-after " + receiver.pid() + " 400000 exit");
        Await.until("written", ChildJvm.LIMIT, () -> children.counter(sender, Counter.BYTES_OUT) > 200_000);
        receiver.ask("release", "released");
        receiver.event("blocked");

        // The rest follows into the pipe, and the sender is gone before any of it is read.
        sender.awaitEnd();
        Await.until("seen as gone", ChildJvm.LIMIT,
                () -> receiver.ask("workers", "workers").split(",").length == 2);
        receiver.ask("release", "released");

        Children.leave(other, receiver);
        assertThat(Checker.check(children.books(2),
                Set.of())).isEqualTo(new Balance(1, 1, 0, 0, 0, 0));
    }
}
