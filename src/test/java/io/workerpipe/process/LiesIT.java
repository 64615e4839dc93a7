package io.workerpipe.process;

import static org.assertj.core.api.Assertions.assertThat;

import io.workerpipe.process.Journal.Book;
import io.workerpipe.process.Journal.Kind;
import io.workerpipe.process.Journal.Line;
import io.workerpipe.roster.Counter;
import io.workerpipe.roster.Entry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Another process of the same user writes into a worker's inbox, between the packets of an honest sender. */
@Timeout(600)
class LiesIT {
    private static final int ROUNDS = Integer.getInteger("workerpipe.lies", 400);
    private static final int MOST_LOST = 4096;
    /** Header and name of an alert of {@link Member}. */
    private static final int AROUND = 16 + "traffic".length();
    private static final String SAID = "the inbox got what is no alert";

    @RegisterExtension
    final Children children = new Children();

    private ChildJvm receiver;
    private ChildJvm sender;
    private ChildJvm liar;
    private long lieBytes;
    private int attempted;
    private int answered;

    @BeforeEach
    void startThree() throws Exception {
        List<ChildJvm> members = children.members(2, "wait=30000");
        receiver = members.get(0);
        sender = members.get(1);
        Entry honest = entry(sender);
        Entry victim = entry(receiver);
        liar = children.java("liar", List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xmx64m"), Liar.class,
                List.of("/proc/" + victim.pid() + "/fd/" + victim.inboxFd(), Integer.toString(honest.pid()),
                        Integer.toString(honest.slot())));
        liar.hear("open");
    }

    private Entry entry(ChildJvm member) throws IOException {
        return children.roster().stream().filter(entry -> entry.pid() == member.pid()).findFirst().orElseThrow();
    }

    @Test
    void shouldLoseLittleToEachLieBetweenValidTraffic() throws Exception {
        long seed = System.nanoTime();
        System.out.println("LiesIT seed " + seed);
        Random random = new Random(seed);
        Map<Lie, Integer> told = new EnumMap<>(Lie.class);
        int lies = 0;
        for (int round = 0; round < ROUNDS; round++) {
            for (int i = random.nextInt(4); i >= 0; i--) {
                send(Payload.MIN + random.nextInt(random.nextBoolean() ? 100 : 4080 - AROUND + 16 - Payload.MIN));
            }
            if (round % 8 != 0) {
                Lie lie = Lie.values()[random.nextInt(Lie.values().length)];
                tell(lie, 1, random.nextLong());
                told.merge(lie, 1, Integer::sum);
                lies++;
            }
        }
        settle();

        Book got = Journal.read(children.journal("w0"));
        Book sent = Journal.read(children.journal("w1"));
        long lostBytes = lostBytes(sent, got);
        long skipped = children.counter(receiver, Counter.SKIPPED_BYTES);
        System.out.println(lies + " lies " + told + ", " + lieBytes + " bytes: " + attempted + " alerts sent, "
                + lostBytes + " bytes of them lost, " + skipped + " bytes skipped, "
                + children.counter(receiver, Counter.DROPPED_OPEN) + " dropped");
        assertThat(lostBytes).isLessThanOrEqualTo((long) lies * MOST_LOST);
        assertThat(skipped).isPositive();
        assertThat(children.counter(receiver, Counter.DROPPED_OPEN)).isPositive();
        goOn();
    }

    @Test
    void shouldNotTakeWhatLooksLikePacketsInDataForPackets() throws Exception {
        int carriers = 100;
        for (int i = 0; i < carriers; i++) {
            send(Payload.MIN + 10 * i);
            tell(Lie.PACKETS_IN_DATA, 1, i);
        }
        settle();
        long lost = lostBytes(Journal.read(children.journal("w1")), Journal.read(children.journal("w0")));
        assertThat(lost).isLessThanOrEqualTo((long) carriers * MOST_LOST);
        int came = received(Journal.read(children.journal("w0"))).size();
        assertThat(children.counter(receiver, Counter.ALERTS_IN) - came).isBetween(1L, (long) carriers);
        goOn();
    }

    @Test
    void shouldKeepItsMemoryAndDescriptorsWhenAThousandAlertsAreOnlyBegun() throws Exception {
        send(100);
        settle();
        long memory = resident(receiver);
        int descriptors = descriptors(receiver);
        tell(Lie.FOUR_GIGABYTES_OF_PID_1, 1000, 1);
        tell(Lie.FOUR_GIGABYTES_OF_NOBODY, 1000, 2);
        send(3000);
        settle();
        Await.until("dropped what nobody sent", ChildJvm.LIMIT,
                () -> children.counter(receiver, Counter.DROPPED_OPEN) >= 1000);
        long more = resident(receiver) - memory;
        System.out.println("a thousand alerts of 4 GiB, begun: " + (more >> 20) + " MiB more, "
                + (descriptors(receiver) - descriptors) + " descriptors more");
        assertThat(more).isLessThan(100 << 20);
        assertThat(descriptors(receiver) - descriptors).isLessThan(20);
        assertThat(lostBytes(Journal.read(children.journal("w1")), Journal.read(children.journal("w0")))).isZero();
        goOn();
    }

    private void send(int length) throws IOException {
        sender.say("send " + receiver.pid() + " " + length);
        attempted++;
    }

    private void tell(Lie lie, int count, long seed) throws Exception {
        lieBytes += Long.parseLong(liar.ask(lie + " " + count + " " + seed, "written"));
    }

    /** Waits until all that was written has been read, and the last alert has come. */
    private void settle() throws Exception {
        for (; answered < attempted; answered++) {
            sender.hear("sent");
        }
        assertThat(sender.ask("flush", "flushed")).isEmpty();
        Await.until("read", ChildJvm.LIMIT, () -> children.counter(receiver, Counter.BYTES_IN) >= lieBytes
                + children.counter(sender, Counter.BYTES_OUT));
        long before = received(Journal.read(children.journal("w0"))).size();
        // Behind an empty pipe it cannot be lost; but what this worker wrote to itself is counted too.
        for (int tries = 0; received(Journal.read(children.journal("w0"))).size() == before; tries++) {
            assertThat(tries).as("alerts that got lost though nobody lied").isLessThan(5);
            sender.ask("send " + receiver.pid() + " 40", "sent");
            attempted++;
            answered++;
            Duration limit = Duration.ofSeconds(tries == 4 ? 30 : 5);
            long end = System.nanoTime() + limit.toNanos();
            while (received(Journal.read(children.journal("w0"))).size() == before && System.nanoTime() < end) {
                Thread.onSpinWait();
            }
        }
    }

    private static List<Line> received(Book book) {
        return book.lines().stream().filter(line -> line.kind() == Kind.RECEIVED).toList();
    }

    /** What came is what was sent, in order and once; the bytes of the rest, as they were on the wire. */
    private static long lostBytes(Book sent, Book got) {
        assertThat(got.lines()).extracting(Line::kind).doesNotContain(Kind.BROKEN);
        List<Line> accepted = sent.lines().stream().filter(line -> line.kind() == Kind.ACCEPTED).toList();
        List<Line> received = new ArrayList<>(received(got));
        long lost = 0;
        for (Line line : accepted) {
            if (!received.isEmpty() && received.getFirst().sequence() == line.sequence()) {
                assertThat(received.removeFirst().length()).isEqualTo(line.length());
            } else {
                lost += AROUND + line.length();
            }
        }
        assertThat(received).as("came out of order, twice, or was never sent").isEmpty();
        return lost;
    }

    /** The worker is as it was: long alerts come and go, and it has said once what happened. */
    private void goOn() throws Exception {
        int before = received(Journal.read(children.journal("w0"))).size();
        sender.ask("send " + receiver.pid() + " " + (5 << 20), "sent");
        receiver.ask("send " + sender.pid() + " " + (5 << 20), "sent");
        Await.until("a long alert came", ChildJvm.LIMIT,
                () -> received(Journal.read(children.journal("w0"))).size() == before + 1);
        liar.kill();
        Children.leave(receiver, sender);
        assertThat(received(Journal.read(children.journal("w1")))).hasSize(1);
        assertThat(receiver.log().split(SAID, -1)).as("said once").hasSize(2);
        assertThat(receiver.log()).doesNotContain("Exception").doesNotContain("Error");
        assertThat(sender.log()).doesNotContain(SAID);
        children.assertNothingLeft();
    }

    private static long resident(ChildJvm process) throws IOException {
        return Long.parseLong(Files.readString(Path.of("/proc/" + process.pid() + "/statm")).split(" ")[1]) << 12;
    }

    private static int descriptors(ChildJvm process) throws IOException {
        try (Stream<Path> all = Files.list(Path.of("/proc/" + process.pid() + "/fd"))) {
            return (int) all.count();
        }
    }
}
