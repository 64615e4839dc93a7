package io.workerpipe.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;

/** What fuzzing has found so far: inputs that together reach all that was reached, and those that failed once. */
public final class Corpus {
    private static final Path ALL = Path.of("src/test/resources/fuzz");

    private Corpus() {}

    /** Runs a target over all its inputs. */
    public static DynamicTest replay(Class<?> target, Consumer<byte[]> run) {
        return DynamicTest.dynamicTest(target.getSimpleName(), () -> {
            List<Path> inputs;
            try (Stream<Path> files = Files.list(ALL.resolve(target.getSimpleName()))) {
                inputs = files.sorted().toList();
            }
            assertThat(inputs).isNotEmpty();
            run.accept(new byte[0]);
            for (Path input : inputs) {
                replay(input, run);
            }
        });
    }

    private static void replay(Path input, Consumer<byte[]> run) throws IOException {
        try {
            run.accept(Files.readAllBytes(input));
        } catch (RuntimeException | Error e) {
            throw new AssertionError(input + " fails: " + e.getMessage(), e);
        }
    }
}
