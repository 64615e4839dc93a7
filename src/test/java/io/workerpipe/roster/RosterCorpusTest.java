package io.workerpipe.roster;

import io.workerpipe.fuzz.Corpus;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Timeout;

/** The inputs that fuzzing has found, without a fuzzer. */
@Timeout(300)
class RosterCorpusTest {
    @TestFactory
    Stream<DynamicTest> shouldHoldForAllThatFuzzingHasFound() {
        return Stream.of(Corpus.replay(RosterFuzz.class, RosterFuzz::fuzzerTestOneInput));
    }
}
