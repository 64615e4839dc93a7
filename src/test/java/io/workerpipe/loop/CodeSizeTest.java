package io.workerpipe.loop;

import static org.assertj.core.api.Assertions.assertThat;

import io.workerpipe.wire.Reassembler;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.spi.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What the JVM's compiler makes of a method depends on its length. */
@Timeout(300)
class CodeSizeTest {
    /** HotSpot's FreqInlineSize: bytes of the longest method that is compiled into those that call it often. */
    private static final int INLINED = 325;

    @Test
    void shouldKeepTheWritePathOutOfItsCallers() throws Exception {
        assertThat(bytes(Outflow.class, "write(long, boolean, boolean);"))
                .as("with fewer it is compiled five times, see its comment").isGreaterThan(INLINED);
    }

    @Test
    void shouldKeepTheWayToHandlersOutOfItsCallers() throws Exception {
        assertThat(bytes(Reassembler.class, "accept(java.lang.foreign.MemorySegment, long, long, boolean);"))
                .as("with fewer what a handler calls is further from where it is compiled, see its comment")
                .isGreaterThan(INLINED);
    }

    private static int bytes(Class<?> type, String method) throws Exception {
        Path classes = Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI());
        StringWriter listing = new StringWriter();
        int result = ToolProvider.findFirst("javap").orElseThrow().run(new PrintWriter(listing, true),
                new PrintWriter(listing, true), "-p", "-c",
                classes.resolve(type.getName().replace('.', '/') + ".class").toString());
        assertThat(result).as(listing.toString()).isZero();
        String code = listing.toString().split(Pattern.quote(method), 2)[1].split("\n\n", 2)[0];
        return Pattern.compile("^ +(\\d+): [a-z]", Pattern.MULTILINE).matcher(code).results()
                .map(MatchResult::group).mapToInt(line -> Integer.parseInt(line.replaceAll("\\D", ""))).max()
                .orElseThrow();
    }
}
