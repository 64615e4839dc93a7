package io.workerpipe.supervise;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.workerpipe.linux.ProcessId;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(300)
class AssignmentTest {
    @Test
    void shouldReadWhatItHasWritten() {
        Map<String, String> environment = new HashMap<>();
        Assignment written = new Assignment("web", 3, "web-3", new ProcessId(17, 123_456_789_012L), false);
        written.put(environment);
        assertThat(environment).hasSize(4);
        assertThat(Assignment.of(environment)).isEqualTo(written);
        environment.put(Assignment.OUTLIVE, "1");
        assertThat(Assignment.of(environment).outlives()).isTrue();
    }

    @Test
    void shouldBeNoneWhenThereIsNoGroup() {
        assertThat(Assignment.of(Map.of())).isNull();
        assertThat(Assignment.of(Map.of(Assignment.GROUP, "", Assignment.INDEX, "x"))).isNull();
    }

    @Test
    void shouldNeedTheGroupAlone() {
        assertThat(Assignment.of(Map.of(Assignment.GROUP, "web")))
                .isEqualTo(new Assignment("web", -1, "", null, false));
    }

    @Test
    void shouldSayWhichVariableIsWrong() {
        assertRefused(Assignment.INDEX, "-1", "WORKERPIPE_INDEX in the environment is '-1'");
        assertRefused(Assignment.INDEX, "two", "WORKERPIPE_INDEX in the environment is 'two'");
        assertRefused(Assignment.SUPERVISOR, "17", "WORKERPIPE_SUPERVISOR in the environment: '17' is no process id");
        assertRefused(Assignment.SUPERVISOR, "17:", "WORKERPIPE_SUPERVISOR");
        assertRefused(Assignment.SUPERVISOR, ":1", "WORKERPIPE_SUPERVISOR");
        assertRefused(Assignment.OUTLIVE, "yes", "WORKERPIPE_OUTLIVE_SUPERVISOR in the environment is 'yes'");
    }

    private static void assertRefused(String name, String value, String message) {
        assertThatThrownBy(() -> Assignment.of(Map.of(Assignment.GROUP, "web", name, value)))
                .isInstanceOf(IllegalArgumentException.class).hasMessageContaining(message);
    }
}
