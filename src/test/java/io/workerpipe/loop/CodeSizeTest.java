package io.workerpipe.loop;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.spi.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What the JVM's compiler makes of a method depends on its length. */
@Timeout(60)
class CodeSizeTest {
    /** HotSpot's FreqInlineSize: bytes of the longest method that is compiled into those that call it often. */
    private static final int INLINED = 325;

    @Test
    void shouldKeepTheWritePathOutOfItsCallers() throws Exception {
        Path classes = Path.of(Outbox.class.getProtectionDomain().getCodeSource().getLocation().toURI());
        StringWriter listing = new StringWriter();
        int result = ToolProvider.findFirst("javap").orElseThrow().run(new PrintWriter(listing, true),
                new PrintWriter(listing, true), "-p", "-c",
                classes.resolve("io/workerpipe/loop/Outbox.class").toString());
        assertThat(result).as(listing.toString()).isZero();
        String method = listing.toString().split("writeReady\\(long, boolean, boolean\\);", 2)[1].split("\n\n", 2)[0];
        int length = Pattern.compile("^ +(\\d+): [a-z]", Pattern.MULTILINE).matcher(method).results()
                .map(MatchResult::group).mapToInt(line -> Integer.parseInt(line.replaceAll("\\D", ""))).max()
                .orElseThrow();
        assertThat(length).as("bytes of Outbox.writeReady: with fewer it is compiled five times, see its comment")
                .isGreaterThan(INLINED);
    }
}
