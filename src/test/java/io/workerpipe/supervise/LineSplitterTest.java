package io.workerpipe.supervise;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(300)
class LineSplitterTest {
    private static final int LONGEST = 1 << 20;

    @Test
    void shouldSplitAtEveryPointWhenReadsAreShort() throws Exception {
        byte[] text = "one\n\ntwo words\r\nthree".getBytes(StandardCharsets.UTF_8);
        for (int step = 1; step <= text.length; step++) {
            assertThat(split(new Portions(text, step), LONGEST)).containsExactly("one", "", "two words\r", "three");
        }
    }

    @Test
    void shouldGiveNothingWhenThereIsNothing() throws Exception {
        assertThat(split(new Portions(new byte[0], 1), LONGEST)).isEmpty();
        assertThat(split(new Portions("\n".getBytes(StandardCharsets.UTF_8), 1), LONGEST)).containsExactly("");
    }

    @Test
    void shouldCutOnlyWhatIsTooLong() throws Exception {
        byte[] text = "0123456789abcdef\n01234567\n0123\n012345678".getBytes(StandardCharsets.UTF_8);
        for (int step = 1; step <= text.length; step++) {
            assertThat(split(new Portions(text, step), 8)).containsExactly("01234567", "+89abcdef", "01234567", "0123",
                    "01234567", "+8");
        }
    }

    @Test
    void shouldGiveBackAllThatCameWhenLinesAreOfAnyLength() throws Exception {
        long seed = System.nanoTime();
        System.out.println("LineSplitterTest: seed " + seed);
        Random random = new Random(seed);
        for (int round = 0; round < 200; round++) {
            StringBuilder text = new StringBuilder();
            List<String> lines = new ArrayList<>();
            for (int i = random.nextInt(20); i >= 0; i--) {
                lines.add("x".repeat(random.nextInt(10) == 0 ? random.nextInt(100_000) : random.nextInt(200)));
                text.append(lines.getLast()).append('\n');
            }
            byte[] bytes = text.toString().getBytes(StandardCharsets.UTF_8);
            assertThat(split(new Portions(bytes, 1 + random.nextInt(20_000)), LONGEST)).isEqualTo(lines);
        }
    }

    private static List<String> split(InputStream in, int longest) throws IOException {
        List<String> lines = new ArrayList<>();
        new LineSplitter(longest,
                (bytes, continued) -> lines.add((continued ? "+" : "") + new String(bytes, StandardCharsets.UTF_8)))
                .split(in);
        return lines;
    }

    /** At most so many bytes a read. */
    private static final class Portions extends ByteArrayInputStream {
        private final int most;

        Portions(byte[] bytes, int most) {
            super(bytes);
            this.most = most;
        }

        @Override
        public int read(byte[] into, int offset, int length) {
            return super.read(into, offset, Math.min(most, length));
        }
    }
}
