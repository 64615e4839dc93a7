package io.workerpipe.process;

import static org.assertj.core.api.Assertions.assertThat;

import io.workerpipe.process.Checker.Balance;
import io.workerpipe.roster.Counter;
import io.workerpipe.roster.Entry;
import io.workerpipe.roster.State;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A process that ends without leaving, but not by force, has left: what it sent arrives. */
@Timeout(600)
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
        List<ChildJvm> members = children.members(3, "close=12000");
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

    @ParameterizedTest
    @CsvSource({"exit, 7, 7", "return, , 0", "term, , 143"})
    void shouldDeliverAFullOutboxWhenTheReceiverReadsAgainBeforeTheLimit(String how, String argument, int code)
            throws Exception {
        List<ChildJvm> members = children.members(2, "outbox=1048576");
        ChildJvm receiver = members.get(0);
        ChildJvm sender = members.get(1);
        receiver.stop();
        int accepted = Integer.parseInt(sender.ask("try " + receiver.pid() + " 10000", "full"));

        end(sender, how, argument);
        // It has begun to leave, and waits.
        Await.until("leaving", ChildJvm.LIMIT, () -> stateOf(sender) == State.LEAVING);
        receiver.resume();
        assertThat(sender.exitCode()).isEqualTo(code);

        Children.leave(receiver);
        assertThat(Checker.check(children.books(2), Set.of()))
                .isEqualTo(new Balance(accepted + 1, accepted, 1, 0, 0, 0));
        children.assertNothingLeft();
    }

    @ParameterizedTest
    @CsvSource({"exit, 7, 7", "return, , 0", "term, , 143", "halt, 9, 9", "kill, , 137"})
    void shouldEndAndSayWhatIsLostWhenTheReceiverDoesNotRead(String how, String argument, int code) throws Exception {
        List<ChildJvm> members = children.members(2, "outbox=1048576", "close=500");
        ChildJvm receiver = members.get(0);
        ChildJvm sender = members.get(1);
        receiver.stop();
        int accepted = Integer.parseInt(sender.ask("try " + receiver.pid() + " 10000", "full"));

        end(sender, how, argument);
        assertThat(sender.exitCode()).isEqualTo(code);
        boolean left = !how.equals("halt") && !how.equals("kill");
        assertThat(sender.log().contains("that its receivers did not take")).isEqualTo(left);

        // What was in the pipe is there, in order, and nothing of it twice.
        receiver.resume();
        Await.until("alone", ChildJvm.LIMIT, () -> receiver.ask("workers", "workers").equals("" + receiver.pid()));
        Children.leave(receiver);
        Balance balance = Checker.check(children.books(2), Set.of(sender.pid()));
        assertThat(balance.delivered()).isBetween(20L, accepted - 1L);
        assertThat(balance).isEqualTo(
                new Balance(accepted + 1, balance.delivered(), 1, 0, accepted - balance.delivered(), 0));
        children.assertNothingLeft();
    }

    private static void end(ChildJvm sender, String how, String argument) throws Exception {
        switch (how) {
            case "term" -> sender.signal("TERM");
            case "kill" -> sender.signal("KILL");
            default -> sender.say(argument == null ? how : how + " " + argument);
        }
    }

    private State stateOf(ChildJvm member) throws Exception {
        return children.roster().stream().filter(entry -> entry.pid() == member.pid()).map(Entry::state).findAny()
                .orElse(State.FREE);
    }

    /** System.exit waits for the hook that leaves, and leaving for handlers: on whichever thread it is called. */
    @ParameterizedTest
    @ValueSource(strings = {"handler", "handler-after-close", "stage", "executor", "thread-of-handler"})
    void shouldEndWhenAnyThreadExits(String where) throws Exception {
        ChildJvm exiting = children.java("exiting", List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"),
                Exiting.class, List.of(Children.GROUP, where));
        assertThat(exiting.exitCode()).isEqualTo(Exiting.CODE);
        exiting.event("exits");
        children.assertNothingLeft();
    }
}
