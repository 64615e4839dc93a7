package io.workerpipe.roster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(value = 10, unit = TimeUnit.SECONDS)
class GroupNameTest {
    @ParameterizedTest
    @ValueSource(strings = {"a", "web", "A-z_0.9", "...", "-", "_", ".hidden",
            "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"})
    void shouldAcceptNamesOfFolders(String name) {
        assertThat(GroupName.check(name)).isEqualTo(name);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ".", "..", "a/b", "/", "a b", "ä", "a\n", "a\0", "~", "a:b",
            "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"})
    void shouldRefuseAllOtherNames(String name) {
        assertThatThrownBy(() -> GroupName.check(name)).isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("1 to 64");
    }
}
