package io.workerpipe.roster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.workerpipe.linux.Proc;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What is found in place of a good roster or lock: refused or mended, with the reason. */
@Timeout(300)
class RosterFileTest {
    @TempDir
    Path path;

    private RosterFolder folder;
    private Path file;
    private Path lock;
    private Sleeper sleeper;
    private Roster roster;

    @BeforeEach
    void joinAGroup() throws Exception {
        folder = RosterFolder.at(path);
        file = path.resolve("g/roster");
        lock = path.resolve("g/lock");
        sleeper = new Sleeper();
        roster = Roster.open(folder, "g");
        sleeper.join(roster, "old");
    }

    @AfterEach
    void leaveIt() throws Exception {
        sleeper.close();
        try (Roster closing = roster) {
            assertThat(closing.group()).isEqualTo("g");
        } catch (RosterException e) {
            // The test has damaged it.
        }
    }

    @Test
    void shouldRefuseAnotherVersion() throws Exception {
        writeInt(RosterLayout.VERSION_AT, 1);
        assertRefused("version 1", "expected version 2", "same version of Workerpipe");
        assertThat(file).exists();
    }

    @Test
    void shouldStartAnewAfterAnotherBoot() throws Exception {
        assertStartedAnew(() -> writeByte(RosterLayout.BOOT_ID_AT, 'x'));
    }

    @Test
    void shouldStartAnewAfterAnotherBootWhateverElseIsWrong() throws Exception {
        assertStartedAnew(() -> {
            writeByte(RosterLayout.BOOT_ID_AT, 'x');
            writeInt(RosterLayout.VERSION_AT, 99);
            truncate(5000);
        });
    }

    @Test
    void shouldStartAnewWhenTheRemoverWasKilledHalfWay() throws Exception {
        assertStartedAnew(() -> writeInt(RosterLayout.REMOVED_AT, 1));
    }

    @Test
    void shouldRefuseAnotherPidNamespace() throws Exception {
        writeLong(RosterLayout.NAMESPACE_AT, 4711);
        assertRefused("pid namespace 4711", "expected that of this process, " + Proc.pidNamespace(),
                "remove " + path.resolve("g"));
    }

    @Test
    void shouldRefuseWhatIsNoRoster() throws Exception {
        writeLong(RosterLayout.MAGIC_AT, 0);
        assertRefused("is not a roster, or is damaged", "expected the file of a group", "stop all workers");
    }

    @Test
    void shouldRefuseAWrongSize() throws Exception {
        for (long size : new long[]{600_000, RosterLayout.SIZE - 1, 4096, 100, 63, 56}) {
            truncate(size);
            assertRefused("is " + size + " bytes long", "expected " + RosterLayout.SIZE, "stop all workers");
        }
        for (long size : new long[]{55, 7, 0}) {
            truncate(size);
            assertRefused("(" + size + " bytes)", "expected the file of a group", "stop all workers");
        }
    }

    @Test
    void shouldRefuseAFileThatGrowsWhileItIsLookedAt() throws Exception {
        byte[] bytes = Arrays.copyOf(Files.readAllBytes(file), (int) RosterLayout.NAMESPACE_AT);
        ByteBuffer header = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        assertThatThrownBy(() -> RosterFile.isCurrent(new GroupFolder(folder, "g"), header, RosterLayout.SIZE,
                Origin.here())).isInstanceOf(RosterException.class).hasMessageContaining("something else has written");
    }

    @Test
    void shouldSayWhenItIsShortenedUnderOurFeet() throws Exception {
        for (long size : new long[]{RosterLayout.SIZE - 4096, 4096, 0}) {
            truncate(size);
            assertDamaged(() -> roster.all(), size);
            assertDamaged(() -> roster.live(), size);
            assertDamaged(() -> roster.entry(0), size);
            assertDamaged(() -> roster.entry(1023), size);
            assertDamaged(() -> roster.reapAll(), size);
            assertDamaged(() -> roster.claim(false, "", -1), size);
        }
    }

    @Test
    void shouldSayWhenItIsShortenedWhileWeRead() throws Exception {
        for (int i = 0; i < 20_000; i++) {
            roster.entry(i & 1023);
        }
        // Compiled by now.
        truncate(0);
        assertDamaged(() -> {
            for (int i = 0; i < 20_000; i++) {
                roster.entry(i & 1023);
            }
        }, 0);
    }

    @Test
    void shouldThrowAndNotCrashWhenACounterIsCutOff() throws Exception {
        Counters counters = roster.counters(1000);
        truncate(4096);
        try {
            for (int i = 0; i < 100_000; i++) {
                counters.add(Counter.ALERTS_OUT, 1);
            }
            assertThat(roster.epoch()).isPositive();
            throw new AssertionError("a counter that is not there was written");
        } catch (InternalError e) {
            assertThat(roster.explain(e)).hasMessageContaining(file + " is 4096 bytes long")
                    .hasMessageContaining("stop all workers").hasCause(e);
        }
    }

    @Test
    void shouldSayWhenItsDeviceFails() {
        InternalError error = new InternalError("a fault");
        assertThat(roster.explain(error)).hasMessageContaining(file + " cannot be read any more (a fault)")
                .hasMessageContaining("stop all workers").hasCause(error);
    }

    @Test
    void shouldRefuseAStateOfNoKind() throws Exception {
        writeInt(RosterLayout.slotAt(5), 77);
        assertThatThrownBy(() -> roster.all()).isInstanceOf(RosterException.class)
                .hasMessageContaining("slot 5 of the roster is in state 77");
    }

    @Test
    void shouldRefuseALinkInPlaceOfTheRoster() throws Exception {
        Files.move(file, path.resolve("elsewhere"));
        Files.createSymbolicLink(file, path.resolve("elsewhere"));
        assertRefused(file + " is a symbolic link", "expected a file of user", "remove it");
    }

    @Test
    void shouldRefuseALinkInPlaceOfTheLock() throws Exception {
        Files.delete(lock);
        Files.createSymbolicLink(lock, path.resolve("made-by-link"));
        assertThatThrownBy(() -> Roster.open(folder, "g")).isInstanceOf(RosterException.class)
                .hasMessageContaining(lock + " is a symbolic link").hasMessageContaining("expected a file of user");
        assertThat(path.resolve("made-by-link")).doesNotExist();
    }

    @Test
    void shouldRefuseASecondNameOfAFile() throws Exception {
        Files.createLink(path.resolve("second"), file);
        assertRefused(file + " has 2 hard links", "expected a file of user", "remove it");
        Files.delete(path.resolve("second"));
        Files.createLink(path.resolve("second"), lock);
        assertThatThrownBy(() -> Roster.open(folder, "g")).isInstanceOf(RosterException.class)
                .hasMessageContaining(lock + " has 2 hard links");
        Files.delete(path.resolve("second"));
        Roster.open(folder, "g").close();
    }

    @Test
    void shouldRefuseAFolderOrPipeInPlaceOfAFile() throws Exception {
        Files.delete(lock);
        new ProcessBuilder("mkfifo", "-m", "600", lock.toString()).start().waitFor();
        assertThatThrownBy(() -> Roster.open(folder, "g")).isInstanceOf(RosterException.class)
                .hasMessageContaining(lock + " is not a file");
        Files.delete(lock);
        Files.delete(file);
        Files.createDirectory(file);
        assertRefused(file + " is not a file", "expected a file of user", "remove it");
        Files.delete(file);
    }

    @Test
    void shouldRefuseFilesThatOthersMayOpen() throws Exception {
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r-----"));
        assertRefused(file + " has mode 0640", "with mode 0600", "set it right");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        Files.setPosixFilePermissions(lock, PosixFilePermissions.fromString("rw-----w-"));
        assertThatThrownBy(() -> Roster.open(folder, "g")).isInstanceOf(RosterException.class)
                .hasMessageContaining(lock + " has mode 0602").hasMessageContaining("with mode 0600");
    }

    @Test
    void shouldRefuseFilesOfAnotherOwner() throws Exception {
        assumeTrue(Proc.uid() == 0, "only root can give a file away");
        Files.setAttribute(file, "unix:uid", 65534, LinkOption.NOFOLLOW_LINKS);
        assertRefused(file + " belongs to user 65534", "expected a file of user 0", "set it right");
        Files.setAttribute(file, "unix:uid", 0, LinkOption.NOFOLLOW_LINKS);
        Files.setAttribute(lock, "unix:uid", 65534, LinkOption.NOFOLLOW_LINKS);
        assertThatThrownBy(() -> Roster.open(folder, "g")).isInstanceOf(RosterException.class)
                .hasMessageContaining(lock + " belongs to user 65534");
    }

    @Test
    void shouldNotMindWhatAKilledCreatorLeft() throws Exception {
        Files.writeString(path.resolve("victim"), "untouched");
        Files.createSymbolicLink(path.resolve("g/roster.new"), path.resolve("victim"));
        Files.delete(file);
        try (Roster fresh = Roster.open(folder, "g")) {
            assertThat(fresh.all()).isEmpty();
        }
        assertThat(path.resolve("victim")).hasContent("untouched");
        assertThat(path.resolve("g")).doesNotExist();
    }

    @Test
    void shouldLeaveNothingWhenThereIsNoRoom() throws Exception {
        Path full = Files.createDirectory(path.resolve("full"));
        assumeTrue(Proc.uid() == 0 && new ProcessBuilder("mount", "-t", "tmpfs", "-o", "size=64k,mode=700", "tmpfs",
                full.toString()).start().waitFor() == 0, "may not mount a small file system");
        try {
            assertThatThrownBy(() -> Roster.open(RosterFolder.at(full), "g")).isInstanceOf(RosterException.class)
                    .hasMessageContaining("No space left").hasMessageContaining("528384 bytes");
            assertThat(full).isEmptyDirectory();
        } finally {
            new ProcessBuilder("umount", full.toString()).start().waitFor();
        }
    }

    private void assertStartedAnew(Change change) throws Exception {
        change.make();
        assertThat(Roster.look(folder, "g")).isEmpty();
        try (Roster fresh = Roster.open(folder, "g")) {
            assertThat(fresh.all()).isEmpty();
            Seat seat = sleeper.join(fresh, "new");
            assertThat(fresh.live()).extracting(Entry::label).containsExactly("new");
            seat.close();
        }
        assertThat(path).isEmptyDirectory();
    }

    private void assertRefused(String wrong, String expected, String remedy) {
        for (ThrowingCallable action : new ThrowingCallable[]{() -> Roster.open(folder, "g"),
                () -> Roster.look(folder, "g"), () -> Roster.sweep(folder, "g")}) {
            assertThatThrownBy(action).isInstanceOf(RosterException.class).hasMessageContaining(wrong)
                    .hasMessageContaining(expected).hasMessageContaining(remedy)
                    .satisfies(e -> assertThat(e.getMessage()).doesNotContain("\n"));
        }
    }

    private void assertDamaged(ThrowingCallable action, long size) {
        assertThatThrownBy(action).isInstanceOf(RosterException.class)
                .hasMessageContaining(file + " is " + size + " bytes long").hasMessageContaining("stop all workers");
    }

    private interface Change {
        void make() throws IOException;
    }

    private void writeByte(long at, int value) throws IOException {
        write(at, ByteBuffer.allocate(1).put(0, (byte) value));
    }

    private void writeInt(long at, int value) throws IOException {
        write(at, ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(0, value));
    }

    private void writeLong(long at, long value) throws IOException {
        write(at, ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(0, value));
    }

    private void write(long at, ByteBuffer bytes) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.write(bytes, at);
        }
    }

    private void truncate(long size) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            if (size > channel.size()) {
                channel.write(ByteBuffer.allocate(1), size - 1);
            }
            channel.truncate(size);
        }
    }
}
