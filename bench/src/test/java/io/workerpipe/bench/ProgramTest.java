package io.workerpipe.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.workerpipe.bench.carrier.Carriers;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ProgramTest {
    /** A mode that lists a case or a system under a wrong name would silently not run it. */
    @Test
    void shouldListOnlyWhatThereIs() {
        List<Contest> all = Main.everything(Path.of("no programs in C here"), new ArrayList<>());
        List<String> inC = Carriers.IN_C;
        for (Program.Listed program : List.of(Program.Listed.SMOKE, Program.Listed.DEFAULT)) {
            program.systems().forEach((name, systems) -> {
                Contest contest = all.stream().filter(each -> each.name().equals(name)).findFirst()
                        .orElseThrow(() -> new AssertionError("no case is called " + name));
                assertThat(contest.entrants()).extracting(Entrant::system).describedAs(name)
                        .containsAll(systems.stream().filter(system -> !inC.contains(system)).toList());
            });
        }
    }

    @Test
    void shouldRunWhatIsAskedForByNameWhateverTheModeSays() {
        List<Contest> all = Main.everything(Path.of("no programs in C here"), new ArrayList<>());

        assertThat(Options.parse(new String[]{"smoke", "pair-100", "", ""}, Path.of("")).select(all))
                .extracting(Contest::name).containsExactly("pair-100");
        assertThat(Options.parse(new String[]{"default", "rtt,pair-10", "jdk-uds", ""}, Path.of("")).select(all))
                .extracting(Contest::name).containsExactly("pair-10", "rtt-block", "rtt-spin");
    }
}
