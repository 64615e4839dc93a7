package io.workerpipe.loop;

import static org.assertj.core.api.Assertions.assertThat;

import io.workerpipe.roster.Roster;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Which broadcasts share a page, and that none of them stays in it. */
@Timeout(300)
class BroadcastsTest {
    private static final int NOBODY = -1;
    private static final long LIMIT = TimeUnit.SECONDS.toNanos(60);

    private Surroundings around;
    private List<Line> lines;
    private List<Intake> intakes;
    private Directory directory;
    /** The one that the writer thread looks at. */
    private Broadcasts broadcasts;
    private int number;

    @BeforeEach
    void makeLines() throws Exception {
        around = new Surroundings(64L * Chunk.BYTES);
        lines = List.of(line(), line(), line());
        intakes = lines.stream().map(line -> new Intake(64 << 10)).toList();
        directory = directory(lines);
        broadcasts = around.writer.broadcasts();
    }

    private Line line() {
        return new Line(around, 256 << 10, 512 << 10, new PageWrites(true), new PageSplices(false));
    }

    private static Directory directory(List<Line> lines) {
        Peer[] bySlot = new Peer[Roster.SLOTS];
        for (Line line : lines) {
            Peer peer = new Peer(line.outbox.receiver, line.counters);
            peer.outbox = line.outbox;
            bySlot[line.outbox.receiver.slot()] = peer;
        }
        return new Directory(1, bySlot);
    }

    @AfterEach
    void closeLines() {
        lines.forEach(Line::close);
        around.close();
    }

    /** As a group does it; to how many by a shared page. */
    private int broadcast(Directory group, int but, int length) throws Exception {
        byte[] data = Intake.data(0, number++, length);
        int shared = broadcasts.share(group, but, Line.NAME, MemorySegment.ofArray(data), 0);
        if (shared == 0) {
            for (Line line : lines) {
                line.send(data);
            }
            broadcasts.end(0);
        }
        return shared;
    }

    private int broadcast(int length) throws Exception {
        return broadcast(directory, NOBODY, length);
    }

    /** As fast as can be, until one has gone into a page. */
    private void broadcastUntilShared(int length) throws Exception {
        long end = System.nanoTime() + LIMIT;
        for (int count = 1;; count++) {
            if (broadcast(length) == lines.size()) {
                return;
            }
            if (count % 64 == 0) {
                read();
            }
            if (System.nanoTime() > end) {
                throw new AssertionError("none of " + count + " fast broadcasts was shared within 60 s");
            }
        }
    }

    private void read() {
        for (int i = 0; i < lines.size(); i++) {
            intakes.get(i).read(lines.get(i).pipe.readEnd());
        }
    }

    /** Nobody asks for it. */
    private void assertAllCome() {
        for (int i = 0; i < lines.size(); i++) {
            Intake intake = intakes.get(i);
            assertThat(lines.get(i).readAll(intake)).as("all came within 60 s").isTrue();
            assertThat(intake.fault()).isEqualTo("none");
            assertThat(intake.alerts()).isEqualTo(number);
        }
    }

    @Test
    void shouldShareAPageWhenBroadcastsComeFastAndNotLeaveThemInIt() throws Exception {
        broadcastUntilShared(10);
        assertAllCome();
    }

    @Test
    void shouldShareOnePageAfterTheOther() throws Exception {
        // More than there is room for in two pages.
        for (int shared = 0; shared < 300; shared++) {
            broadcastUntilShared(10);
            if (shared % 64 == 0) {
                read();
            }
        }
        assertAllCome();
    }

    @Test
    void shouldSendToEachOnItsOwnWhatIsLongOrGoesToOthers() throws Exception {
        broadcastUntilShared(10);
        assertThat(broadcast(300)).as("longer than what is shared").isZero();
        broadcastUntilShared(10);
        Directory other = directory(lines.subList(0, 1));
        broadcasts.share(other, NOBODY, Line.NAME, MemorySegment.ofArray(Intake.data(1, 0, 10)), 0);
        // What was in the page has to come though nobody broadcasts to the same any more.
        assertAllCome();
    }

    /** All receivers would wait for its pages. */
    @Test
    void shouldNotShareWhatLiesInAMappedFile() throws Exception {
        Path file = Files.createTempFile("workerpipe-broadcasts-", "");
        try (Arena arena = Arena.ofShared();
                FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            MemorySegment mapped = channel.map(FileChannel.MapMode.READ_WRITE, 0, 10, arena);
            broadcastUntilShared(10);
            assertThat(broadcasts.share(directory, NOBODY, Line.NAME, mapped, 0)).isZero();
            broadcasts.end(0);
            assertAllCome();
        } finally {
            Files.delete(file);
        }
    }

    @Test
    void shouldNotShareWithOneReceiver() throws Exception {
        Directory one = directory(lines.subList(0, 1));
        for (int i = 0; i < 5000; i++) {
            assertThat(broadcast(one, NOBODY, 10)).isZero();
        }
        broadcastUntilShared(10);
        assertAllCome();
    }

    @Test
    void shouldNotShareWithOneThatIsClosed() throws Exception {
        broadcastUntilShared(10);
        Line closed = line();
        closed.outbox.finish();
        Directory all = directory(List.of(lines.get(0), lines.get(1), lines.get(2), closed));
        for (int i = 0; i < 5000; i++) {
            assertThat(broadcast(all, NOBODY, 10)).isZero();
        }
        assertAllCome();
        closed.close();
    }
}
