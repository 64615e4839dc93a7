package io.workerpipe.roster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.workerpipe.linux.Proc;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
class RosterFolderTest {
    @TempDir
    Path temporary;

    private Path path;
    private RosterFolder folder;

    @BeforeEach
    void chooseFolder() throws Exception {
        path = temporary.resolve("base");
        folder = RosterFolder.at(path);
    }

    @Test
    void shouldDependOnTheUserAlone() throws Exception {
        assertThat(RosterFolder.resolve(null, 1000, any -> true)).isEqualTo(Path.of("/dev/shm/workerpipe-1000"));
        assertThat(RosterFolder.resolve("", 0, any -> true)).isEqualTo(Path.of("/dev/shm/workerpipe-0"));
        assertThat(RosterFolder.resolve(null, -2, any -> false)).isEqualTo(Path.of("/tmp/workerpipe-4294967294"));
    }

    @Test
    void shouldFollowTheVariable() throws Exception {
        assertThat(RosterFolder.resolve("/var/lib//x/", 1000, any -> false)).isEqualTo(Path.of("/var/lib/x"));
        assertThatThrownBy(() -> RosterFolder.resolve("some/where", 1000, any -> true))
                .isInstanceOf(RosterException.class).hasMessageContaining("WORKERPIPE_DIR is \"some/where\"")
                .hasMessageContaining("absolute");
    }

    @Test
    void shouldHaveNoGroupsWhereNothingIs() throws Exception {
        assertThat(folder.groups()).isEmpty();
        assertThat(path).doesNotExist();
    }

    @Test
    void shouldListGroupsThatHaveARoster() throws Exception {
        try (Sleeper sleeper = new Sleeper();
                Roster b = Roster.open(folder, "b");
                Roster a = Roster.open(folder, "a")) {
            Files.createDirectory(path.resolve("no-roster"));
            Files.createDirectory(path.resolve("no group"));
            Files.createFile(path.resolve("file"));
            try (Seat inA = sleeper.join(a, "a"); Seat inB = sleeper.join(b, "b")) {
                assertThat(inA.roster().group()).isEqualTo("a");
                assertThat(inB.roster().group()).isEqualTo("b");
                assertThat(folder.groups()).containsExactly("a", "b");
            }
        }
        assertThat(folder.groups()).isEmpty();
    }

    @Test
    void shouldCreateEverythingForItsOwnerOnly() throws Exception {
        try (Roster roster = Roster.open(folder, "g")) {
            assertThat(roster.all()).isEmpty();
            for (String name : new String[]{"", "g"}) {
                assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path.resolve(name))))
                        .isEqualTo("rwx------");
            }
            for (String name : new String[]{"g/roster", "g/lock"}) {
                assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path.resolve(name))))
                        .isEqualTo("rw-------");
            }
            assertThat(path.resolve("g/roster")).hasSize(4096 + 1024 * 512);
            // Not sparse: a full file system must say so when the file is made.
            Process stat = new ProcessBuilder("stat", "-c", "%b", path.resolve("g/roster").toString()).start();
            assertThat(Long.parseLong(stat.inputReader().readLine())).isGreaterThanOrEqualTo((4096 + 1024 * 512) / 512);
        }
        assertThat(path).isEmptyDirectory();
    }

    @Test
    void shouldSayWhenTheFolderAboveIsMissing() {
        assertThatThrownBy(() -> Roster.open(RosterFolder.at(path.resolve("deep")), "g"))
                .isInstanceOf(RosterException.class)
                .hasMessageContaining(path + " does not exist").hasMessageContaining("WORKERPIPE_DIR");
    }

    @Test
    void shouldRefuseALink() throws Exception {
        Path elsewhere = Files.createDirectory(temporary.resolve("elsewhere"));
        Files.setPosixFilePermissions(elsewhere, PosixFilePermissions.fromString("rwx------"));
        Files.createSymbolicLink(path, elsewhere);
        assertRefused(() -> Roster.open(folder, "g"), path + " is a symbolic link", "expected a folder of user");
        assertRefused(() -> Roster.look(folder, "g"), path + " is a symbolic link", "expected a folder of user");
        assertRefused(() -> folder.groups(), path + " is a symbolic link", "expected a folder of user");
        assertThat(elsewhere).isEmptyDirectory();

        Files.delete(path);
        Files.createSymbolicLink(path, temporary.resolve("nowhere"));
        assertRefused(() -> Roster.open(folder, "g"), path + " is a symbolic link", "remove it");
        assertThat(temporary.resolve("nowhere")).doesNotExist();
    }

    @Test
    void shouldRefuseALinkInPlaceOfAGroup() throws Exception {
        Path elsewhere = Files.createDirectory(temporary.resolve("elsewhere"));
        Files.setPosixFilePermissions(elsewhere, PosixFilePermissions.fromString("rwx------"));
        try (Roster other = Roster.open(folder, "other")) {
            Files.createSymbolicLink(path.resolve("g"), elsewhere);
            assertRefused(() -> Roster.open(folder, "g"), path.resolve("g") + " is a symbolic link", "remove it");
            assertRefused(() -> Roster.look(folder, "g"), path.resolve("g") + " is a symbolic link", "remove it");
            assertThat(other.all()).isEmpty();
        }
        assertThat(elsewhere).isEmptyDirectory();
    }

    @Test
    void shouldRefuseAFile() throws Exception {
        Files.createFile(path);
        assertRefused(() -> Roster.open(folder, "g"), path + " is not a folder", "expected a folder of user");
    }

    @Test
    void shouldRefuseWhatOthersMayEnter() throws Exception {
        Files.createDirectory(path);
        for (String mode : new String[]{"rwxr-x---", "rwx-----x", "rwx---r--", "rwxrwxrwx"}) {
            Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(mode));
            assertRefused(() -> Roster.open(folder, "g"), "open to other users", "mode 0700");
        }
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwx------"));
        Roster.open(folder, "g").close();
    }

    @Test
    void shouldRefuseAGroupThatOthersMayEnter() throws Exception {
        try (Roster other = Roster.open(folder, "other")) {
            Files.createDirectory(path.resolve("g"));
            Files.setPosixFilePermissions(path.resolve("g"), PosixFilePermissions.fromString("rwxr-xr-x"));
            assertRefused(() -> Roster.open(folder, "g"), path.resolve("g") + " has mode 0755", "mode 0700");
            assertThat(other.all()).isEmpty();
        }
    }

    @Test
    void shouldRefuseAnotherOwner() throws Exception {
        assumeTrue(Proc.uid() == 0, "only root can give a folder away");
        Files.createDirectory(path);
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwx------"));
        Files.setAttribute(path, "unix:uid", 65534, LinkOption.NOFOLLOW_LINKS);
        assertRefused(() -> Roster.open(folder, "g"), path + " belongs to user 65534", "expected a folder of user 0");
    }

    @Test
    void shouldRefuseWhatCannotBeWritten() throws Exception {
        assumeTrue(Proc.uid() != 0, "root may write everywhere");
        Files.createDirectory(path);
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("r-x------"));
        assertRefused(() -> Roster.open(folder, "g"), path + " is not writable", "expected a folder");
    }

    private static void assertRefused(ThrowingCallable action, String wrong, String expected) {
        assertThatThrownBy(action).isInstanceOf(RosterException.class).hasMessageContaining(wrong)
                .hasMessageContaining(expected).hasMessageContaining("WORKERPIPE_DIR")
                .satisfies(e -> assertThat(e.getMessage()).doesNotContain("\n"));
    }
}
