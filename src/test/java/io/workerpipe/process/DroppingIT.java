package io.workerpipe.process;

import static org.assertj.core.api.Assertions.assertThat;

import io.workerpipe.roster.Counter;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A receiver that stands still (SIGSTOP), and senders whose policy drops: what is dropped is counted and announced at its
 * place, all else arrives in order, and nobody else notices.
 */
@Timeout(600)
class DroppingIT {
    private static final long OUTBOX = 512 << 10;
    private static final List<String> SMALL = List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xmx256m");
    private static final int NAMES = 40;

    @RegisterExtension
    final Children children = new Children();

    private ChildJvm member(String name, String policy, String... more) throws Exception {
        List<String> arguments = new ArrayList<>(List.of(Children.GROUP, children.journal(name).toString(),
                "label=" + name, "policy=" + policy, "outbox=" + OUTBOX, "pipe=65536"));
        arguments.addAll(Arrays.asList(more));
        return children.java(name, SMALL, DroppingMember.class, arguments);
    }

    private ChildJvm[] members(int count, String policy, String... more) throws Exception {
        ChildJvm[] members = new ChildJvm[count];
        for (int i = 0; i < count; i++) {
            members[i] = member("w" + i, policy, more);
        }
        for (ChildJvm member : members) {
            member.hear("joined");
        }
        for (ChildJvm member : members) {
            member.ask("await " + count, "there");
        }
        return members;
    }

    /** Figures of a member: alerts out, dropped, lost with a peer, refused, bytes queued. */
    private static long[] figures(ChildJvm member) throws Exception {
        return Arrays.stream(member.ask("statistics", "statistics").split(" ")).mapToLong(Long::parseLong).toArray();
    }

    private static long[] figuresOrNull(ChildJvm member) {
        try {
            return figures(member);
        } catch (Exception e) {
            return null;
        }
    }

    /** All that was not dropped is in the pipes, and so are the notices: who leaves now reads them first. */
    private static void flush(ChildJvm... senders) throws Exception {
        for (ChildJvm sender : senders) {
            sender.ask("flush", "flushed");
        }
    }

    /** What a receiver wrote down of one sender. */
    private List<String> seen(String receiver, ChildJvm sender) throws IOException {
        String begin = sender.pid() + " ";
        return Files.readAllLines(children.journal(receiver)).stream().filter(line -> line.startsWith(begin))
                .map(line -> line.substring(begin.length())).toList();
    }

    private record Sums(int delivered, long announced, int firstGap, Map<String, Long> lastOfName, long last) {}

    /** One sending thread: the number of each alert is what came before, delivered or announced as lost. */
    private static Sums check(List<String> seen) {
        long next = 0;
        int delivered = 0;
        long announced = 0;
        int firstGap = -1;
        Map<String, Long> lastOfName = new HashMap<>();
        for (String line : seen) {
            String[] words = line.split(" ");
            if (words[0].equals("lost")) {
                firstGap = firstGap < 0 ? delivered : firstGap;
                announced += Long.parseLong(words[1]);
                next += Long.parseLong(words[1]);
                continue;
            }
            assertThat(words[0]).as("after %d delivered, %d announced: %s", delivered, announced, line)
                    .isEqualTo(Long.toString(next));
            lastOfName.put(words[1], next);
            next++;
            delivered++;
        }
        return new Sums(delivered, announced, firstGap, lastOfName, next);
    }

    @ParameterizedTest
    @ValueSource(strings = {"newest", "oldest", "last"})
    void shouldAnnounceExactlyWhatIsDroppedWhenAReceiverStandsStill(String policy) throws Exception {
        int count = 20_000;
        ChildJvm[] members = members(4, policy);
        ChildJvm receiver = members[0];
        ChildJvm other = members[3];
        receiver.stop();
        for (ChildJvm sender : List.of(members[1], members[2])) {
            assertThat(sender.ask("flood " + receiver.pid() + " " + count + " 200 " + NAMES + " 1", "flooded"))
                    .isEqualTo("0");
            long[] figures = figures(sender);
            assertThat(figures[1]).as("dropped").isGreaterThan(count / 2);
            assertThat(figures[4]).as("bytes queued").isBetween(1L, OUTBOX);
            // Less than is dropped even by a worker that is slow just now.
            sender.ask("flood " + other.pid() + " 500 200 " + NAMES + " 1", "flooded");
        }
        Await.until("the others' alerts came", ChildJvm.LIMIT,
                () -> children.counter(other, Counter.ALERTS_IN) == 1000);
        receiver.resume();
        flush(members[1], members[2]);
        // After the gap all goes on.
        for (ChildJvm sender : List.of(members[1], members[2])) {
            sender.ask("flood " + receiver.pid() + " 10 200 " + NAMES + " 1", "flooded");
        }
        flush(members[1], members[2]);
        long[][] figures = {figures(members[1]), figures(members[2])};
        Children.leave(members);
        for (int i = 0; i < 2; i++) {
            ChildJvm sender = members[i + 1];
            Sums sums = check(seen("w0", sender));
            System.out.println(policy + ": of " + (count + 10) + " delivered " + sums.delivered + ", dropped "
                    + sums.announced + ", first gap after " + sums.firstGap);
            assertThat(sums.last).as("delivered and announced").isEqualTo(count + 10);
            assertThat(sums.announced).as("announced").isEqualTo(figures[i][1]);
            assertThat(figures[i][2] + figures[i][3] + figures[i][4]).as("lost, refused, queued").isZero();
            Sums others = check(seen("w3", sender));
            assertThat(others.delivered).isEqualTo(500);
            assertThat(others.announced).isZero();
            if (policy.equals("newest")) {
                assertThat(sums.firstGap).isEqualTo(sums.delivered - 10);
            } else {
                for (int name = 0; name < NAMES; name++) {
                    long last = name < 10 ? count + name : count - NAMES + name;
                    assertThat(sums.lastOfName).containsEntry("n" + name, last);
                }
            }
        }
        children.assertNothingLeft();
    }

    @ParameterizedTest
    @ValueSource(strings = {"newest", "oldest", "last"})
    void shouldKeepTheOrderOfEachThreadOfASender(String policy) throws Exception {
        int count = 5_000;
        int threads = 6;
        ChildJvm[] members = members(2, policy);
        ChildJvm receiver = members[0];
        ChildJvm sender = members[1];
        // Sometimes it reads, sometimes not: outboxes are held and opened again and again.
        sender.say("flood " + receiver.pid() + " " + count + " 500 " + NAMES + " " + threads);
        for (int i = 0; i < 20; i++) {
            receiver.stop();
            Thread.onSpinWait();
            receiver.resume();
        }
        assertThat(sender.hear("flooded")).isEqualTo("0");
        flush(sender);
        long[] figures = figures(sender);
        Children.leave(members);
        long announced = 0;
        long delivered = 0;
        Map<Long, Long> last = new HashMap<>();
        for (String line : seen("w0", sender)) {
            String[] words = line.split(" ");
            if (words[0].equals("lost")) {
                announced += Long.parseLong(words[1]);
                continue;
            }
            long sequence = Long.parseLong(words[0]);
            Long before = last.put(sequence >>> 32, sequence);
            assertThat(before == null || before < sequence).as("%d after %d", sequence, before).isTrue();
            delivered++;
        }
        System.out.println(policy + ": of " + count * threads + " dropped " + announced);
        assertThat(announced).isEqualTo(figures[1]);
        assertThat(delivered + announced).isEqualTo((long) count * threads);
        children.assertNothingLeft();
    }

    @ParameterizedTest
    @ValueSource(strings = {"newest", "oldest", "last"})
    void shouldCountAsLostWhatWaitsWhenTheReceiverDies(String policy) throws Exception {
        int count = 10_000;
        ChildJvm[] members = members(2, policy);
        ChildJvm receiver = members[0];
        ChildJvm sender = members[1];
        receiver.stop();
        sender.ask("flood " + receiver.pid() + " " + count + " 200 100000 1", "flooded");
        receiver.kill();
        Await.until("written, dropped and lost are all", ChildJvm.LIMIT, () -> {
            long[] figures = figures(sender);
            return figures[2] > 0 && figures[0] + figures[1] + figures[2] == count;
        }, () -> Arrays.toString(figuresOrNull(sender)));
        Children.leave(sender);
        children.assertNothingLeft();
    }

    @ParameterizedTest
    @ValueSource(strings = {"newest", "oldest", "last"})
    void shouldWriteWhatWaitsBeforeItLeaves(String policy) throws Exception {
        int count = 10_000;
        ChildJvm[] members = members(2, policy);
        ChildJvm receiver = members[0];
        ChildJvm sender = members[1];
        receiver.stop();
        sender.ask("flood " + receiver.pid() + " " + count + " 200 " + NAMES + " 1", "flooded");
        long dropped = figures(sender)[1];
        sender.say("leave");
        Await.until("leaving", ChildJvm.LIMIT, () -> children.roster().stream()
                .anyMatch(entry -> entry.pid() == sender.pid() && entry.state().name().equals("LEAVING")));
        receiver.resume();
        sender.hear("left");
        sender.awaitEnd();
        Children.leave(receiver);
        Sums sums = check(seen("w0", sender));
        assertThat(sums.announced).isEqualTo(dropped);
        assertThat(sums.last).isEqualTo(count);
        children.assertNothingLeft();
    }

    @Test
    void shouldLeaveInTimeThoughTheReceiverStandsStill() throws Exception {
        ChildJvm receiver = member("w0", "oldest");
        receiver.hear("joined");
        ChildJvm sender = member("w1", "oldest", "close=300");
        sender.hear("joined");
        sender.ask("await 2", "there");
        receiver.stop();
        sender.ask("flood " + receiver.pid() + " 10000 200 " + NAMES + " 1", "flooded");
        // It must end by itself, while the receiver is stopped.
        Children.leave(sender);
        receiver.resume();
        Children.leave(receiver);
        Sums sums = check(seen("w0", sender));
        assertThat(sums.delivered).as("what was in the pipe").isPositive();
        children.assertNothingLeft();
    }

    @Test
    void shouldServeAGuestToo() throws Exception {
        ChildJvm receiver = member("w0", "oldest");
        receiver.hear("joined");
        ChildJvm guest = member("w1", "last", "guest=");
        guest.hear("joined");
        receiver.stop();
        guest.ask("flood " + receiver.pid() + " 10000 200 " + NAMES + " 1", "flooded");
        long dropped = figures(guest)[1];
        receiver.resume();
        flush(guest);
        Children.leave(guest);
        Children.leave(receiver);
        Sums sums = check(seen("w0", guest));
        assertThat(sums.announced).isEqualTo(dropped).isPositive();
        assertThat(sums.last).isEqualTo(10_000);
        children.assertNothingLeft();
    }

    /** Three receivers, each of which could have an outbox as large as what all together may have. */
    @ParameterizedTest
    @ValueSource(strings = {"newest", "oldest", "last"})
    void shouldKeepTheBoundOfAllReceiversTogether(String policy) throws Exception {
        int count = 5_000;
        ChildJvm[] members = members(4, policy, "pool=" + OUTBOX);
        ChildJvm sender = members[3];
        List<ChildJvm> receivers = List.of(members).subList(0, 3);
        for (ChildJvm receiver : receivers) {
            receiver.stop();
        }
        for (ChildJvm receiver : receivers) {
            // Each alert has a name of its own.
            sender.ask("flood " + receiver.pid() + " " + count + " 1000 100000 1", "flooded");
        }
        assertThat(figures(sender)[4]).as("bytes queued").isBetween(1L, policy.equals("newest") ? OUTBOX : 2 * OUTBOX);
        for (ChildJvm receiver : receivers) {
            receiver.resume();
        }
        flush(sender);
        long dropped = figures(sender)[1];
        Children.leave(members);
        long announced = 0;
        for (int i = 0; i < 3; i++) {
            Sums sums = check(seen("w" + i, sender));
            assertThat(sums.last).isEqualTo(count);
            announced += sums.announced;
        }
        assertThat(announced).isEqualTo(dropped);
        children.assertNothingLeft();
    }

    /** What lies in the outboxes of others takes the whole pool: no write to this one's pipe would ever make room. */
    @ParameterizedTest
    @ValueSource(strings = {"newest", "oldest", "last"})
    void shouldGoOnWhenThePoolHasRoomAgain(String policy) throws Exception {
        ChildJvm[] members = members(3, policy, "pool=262144");
        ChildJvm stopped = members[0];
        ChildJvm receiver = members[1];
        ChildJvm sender = members[2];
        stopped.stop();
        assertThat(sender.ask("lend " + stopped.pid() + " 1000000", "lent"))
                .contains("all outboxes together hold their limit");
        sender.ask("flood " + receiver.pid() + " 20000 1000 " + NAMES + " 1", "flooded");
        long dropped = figures(sender)[1];
        assertThat(dropped).isPositive();
        stopped.resume();
        flush(sender);
        Children.leave(members);
        Sums sums = check(seen("w1", sender));
        assertThat(sums.announced).isEqualTo(dropped);
        assertThat(sums.last).isEqualTo(20_000);
        children.assertNothingLeft();
    }
}
