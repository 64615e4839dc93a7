package io.workerpipe.wire;

import io.workerpipe.fuzz.Corpus;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Timeout;

/** The inputs that fuzzing has found, without a fuzzer. */
@Timeout(300)
class WireCorpusTest {
    @TestFactory
    Stream<DynamicTest> shouldHoldForAllThatFuzzingHasFound() {
        return Stream.of(Corpus.replay(HeaderFuzz.class, HeaderFuzz::fuzzerTestOneInput),
                Corpus.replay(ReassemblerFuzz.class, ReassemblerFuzz::fuzzerTestOneInput),
                Corpus.replay(EncoderFuzz.class, EncoderFuzz::fuzzerTestOneInput),
                Corpus.replay(LiesFuzz.class, LiesFuzz::fuzzerTestOneInput));
    }
}
