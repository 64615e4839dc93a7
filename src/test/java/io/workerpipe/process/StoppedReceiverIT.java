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

/**
 * A receiver that does not read, since it stands still (SIGSTOP), a handler does not return or its garbage is collected,
 * hurts only what is sent to it, and gets all that was accepted later.
 */
@Timeout(600)
class StoppedReceiverIT {
    private static final long OUTBOX = 1 << 20;
    private static final int PIPE = 64 << 10;

    @RegisterExtension
    final Children children = new Children();

    @Test
    void shouldRefuseWithFiguresAndKeepWhatWasAcceptedWhenReceiverStandsStill() throws Exception {
        List<ChildJvm> members = children.members(4, "outbox=" + OUTBOX, "pipe=" + PIPE);
        ChildJvm receiver = members.get(0);
        ChildJvm sender = members.get(1);
        ChildJvm second = members.get(2);
        ChildJvm third = members.get(3);
        receiver.stop();

        int length = 1000;
        int accepted = Integer.parseInt(sender.ask("try " + receiver.pid() + " " + length, "full"));
        // All of the pipe and of the outbox, but for headers, and pages that could not be filled.
        assertThat((long) accepted * length).isBetween((OUTBOX + PIPE) * 7 / 10, OUTBOX + PIPE);
        String refusal = sender.ask("send " + receiver.pid() + " " + length, "refused");
        System.out.println("refusal: " + refusal);
        assertThat(refusal).contains("no room for 1000 bytes to worker " + receiver.pid(), "of " + OUTBOX + " bytes");
        assertThat(second.ask("send " + receiver.pid() + " 2000000", "refused")).contains("2000000", "lend it");

        // Among the others all goes on, the one whose outbox is full included.
        sender.ask("ping " + second.pid() + " 200", "ponged");
        second.ask("ping " + third.pid() + " 200", "ponged");
        int seconds = Integer.parseInt(second.ask("try " + receiver.pid() + " 10000", "full"));
        for (ChildJvm member : List.of(sender, second, third)) {
            assertThat(member.ask("workers", "workers").split(",")).hasSize(4);
        }

        receiver.resume();
        assertThat(sender.ask("flush", "flushed")).isEmpty();
        third.ask("ping " + receiver.pid() + " 10", "ponged");
        sender.ask("send " + receiver.pid() + " " + length, "sent");
        Await.until("all received", ChildJvm.LIMIT,
                () -> children.counter(receiver, Counter.ALERTS_IN) >= accepted + seconds);
        Children.leave(members.toArray(ChildJvm[]::new));
        Balance balance = Checker.check(children.books(4), Set.of());
        assertThat(balance).isEqualTo(
                new Balance(accepted + seconds + 5, accepted + seconds + 1, 4, 0, 0, 0));
        children.assertNothingLeft();
    }

    @ParameterizedTest
    @ValueSource(strings = {"handler", "collection"})
    void shouldHurtOnlyWhatIsSentToItWhenItIsBusy(String with) throws Exception {
        List<ChildJvm> members = children.members(4, "outbox=" + OUTBOX, "pipe=" + PIPE);
        ChildJvm receiver = members.get(0);
        ChildJvm sender = members.get(1);
        ChildJvm second = members.get(2);
        ChildJvm third = members.get(3);
        boolean handler = with.equals("handler");
        if (handler) {
            third.ask("block " + receiver.pid(), "sent");
            receiver.event("blocked");
        } else {
            receiver.say("collect").event("collecting");
        }

        int accepted = Integer.parseInt(sender.ask("try " + receiver.pid() + " 1000", "full"));
        assertThat(queuedBytes(sender)).isLessThanOrEqualTo(OUTBOX);
        sender.ask("ping " + third.pid() + " 200", "ponged");
        second.ask("ping " + third.pid() + " 200", "ponged");
        int seconds = Integer.parseInt(second.ask("try " + receiver.pid() + " 10000", "full"));
        assertThat(queuedBytes(second)).isLessThanOrEqualTo(OUTBOX);
        third.ask("ping " + second.pid() + " 200", "ponged");

        if (handler) {
            receiver.ask("release", "released");
        } else {
            System.out.println("collected " + receiver.say("enough").event("collected"));
        }
        sender.ask("flush", "flushed");
        second.ask("flush", "flushed");
        Children.leave(members.toArray(ChildJvm[]::new));
        assertThat(Checker.check(children.books(4), Set.of())).isEqualTo(
                new Balance(accepted + seconds + 2, accepted + seconds, 2, 0, 0, 0));
        children.assertNothingLeft();
    }

    private static long queuedBytes(ChildJvm member) throws Exception {
        return Long.parseLong(member.ask("statistics", "statistics").replaceAll(".*queuedBytes=(\\d+).*", "$1"));
    }

    @Test
    void shouldWaitForRoomNoLongerThanTheLimitWhenToldToWait() throws Exception {
        ChildJvm receiver = children.member("w0", "outbox=" + OUTBOX);
        ChildJvm hasty = children.member("w1", "outbox=" + OUTBOX, "wait=300");
        ChildJvm patient = children.member("w2", "outbox=" + OUTBOX, "wait=60000");
        for (ChildJvm member : List.of(receiver, hasty, patient)) {
            member.hear("joined");
        }
        for (ChildJvm member : List.of(hasty, patient)) {
            member.ask("await 3", "there");
        }
        receiver.stop();

        hasty.ask("try " + receiver.pid() + " 10000", "full");
        String refusal = hasty.ask("send " + receiver.pid() + " 10000", "refused");
        assertThat(Long.parseLong(refusal.split(" ")[0])).isBetween(300L, 10_000L);

        patient.ask("try " + receiver.pid() + " 10000", "full");
        patient.say("send-waiting " + receiver.pid() + " 10000").event("waiting");
        receiver.resume();
        patient.hear("sent");

        Children.leave(receiver, hasty, patient);
        assertThat(Checker.check(children.books(3), Set.of()).refused()).isEqualTo(3);
        children.assertNothingLeft();
    }

    @Test
    void shouldAbortALentAlertWhenItsArenaIsClosedInFlight() throws Exception {
        List<ChildJvm> members = children.members(2);
        ChildJvm receiver = members.get(0);
        ChildJvm sender = members.get(1);
        sender.ask("send " + receiver.pid() + " 5000", "sent");
        receiver.stop();

        sender.say("lend " + receiver.pid() + " " + (100 << 20));
        assertThat(sender.hear("closed")).isEqualTo("in flight");
        receiver.resume();
        assertThat(sender.hear("failed")).contains("IllegalStateException", "closed");
        sender.ask("send " + receiver.pid() + " 5000", "sent");
        Await.until("later ones received", ChildJvm.LIMIT, () -> children.counter(receiver, Counter.ALERTS_IN) == 2);

        assertThat(children.counter(receiver, Counter.DROPPED_OPEN)).isEqualTo(1);
        Children.leave(receiver, sender);
        assertThat(Checker.check(children.books(2), Set.of())).isEqualTo(new Balance(2, 2, 0, 0, 0, 0));
        children.assertNothingLeft();
    }
}
