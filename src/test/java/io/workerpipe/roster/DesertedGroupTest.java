package io.workerpipe.roster;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Groups whose last workers were killed: whoever founds another one clears them away, and only them. */
@Timeout(60)
class DesertedGroupTest {
    @TempDir
    Path path;

    @Test
    void shouldClearAwayGroupsWithoutAnybodyWhenAnotherIsFounded() throws Exception {
        RosterFolder folder = RosterFolder.at(path);
        try (Sleeper living = new Sleeper(); Sleeper killed = new Sleeper()) {
            Roster inhabited = Roster.open(folder, "inhabited");
            Seat seat = living.join(inhabited, "living");
            killed.join(inhabited, "killed");
            killed.join(Roster.open(folder, "deserted"), "killed");
            Roster otherBoot = Roster.open(folder, "other-boot");
            killed.join(otherBoot, "killed");
            Files.write(path.resolve("other-boot/roster"), otherRoster(path.resolve("other-boot/roster")));
            killed.join(Roster.open(folder, "foreign"), "killed");
            Files.writeString(path.resolve("foreign/notes"), "mine");
            Path refused = Files.createDirectory(path.resolve("refused"));
            Files.writeString(refused.resolve("roster"), "no roster");
            killed.kill();
            assertThat(folder.groups()).containsExactly("deserted", "foreign", "inhabited", "other-boot", "refused");

            Seat founder = Roster.join(folder, "new", true, "", -1);
            assertThat(folder.groups()).containsExactly("inhabited", "new", "refused");
            assertThat(path.resolve("deserted")).doesNotExist();
            assertThat(path.resolve("foreign/notes")).hasContent("mine");
            assertThat(refused.resolve("roster")).hasContent("no roster");
            // The slots of a group that lives are its own affair.
            assertThat(inhabited.all()).hasSize(2);

            // Who joins what is there looks at no other.
            killed(folder);
            Seat second = Roster.join(folder, "inhabited", true, "", -1);
            assertThat(folder.groups()).contains("later");
            second.close();
            second.roster().close();
            founder.close();
            founder.roster().close();
            seat.close();
            inhabited.close();
        }
    }

    private static void killed(RosterFolder folder) throws Exception {
        try (Sleeper sleeper = new Sleeper()) {
            sleeper.join(Roster.open(folder, "later"), "killed");
        }
    }

    private static byte[] otherRoster(Path file) throws Exception {
        byte[] bytes = Files.readAllBytes(file);
        bytes[(int) RosterLayout.BOOT_ID_AT] = 'x';
        return bytes;
    }
}
