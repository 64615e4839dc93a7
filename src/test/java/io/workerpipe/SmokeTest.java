package io.workerpipe;

import static org.assertj.core.api.Assertions.assertThat;
import org.junit.jupiter.api.Test;

class SmokeTest {
    @Test
    void shouldRunInsideTheModule() {
        assertThat(io.workerpipe.linux.gen.Probe.class.getModule().getName()).isEqualTo("io.workerpipe");
    }
}
