/**
 * Named alerts between the JVM worker processes of one machine, over real Unix pipes.
 *
 * <p>Start with the package {@code io.workerpipe}. The module calls native code: run with
 * {@code --enable-native-access=io.workerpipe}.
 */
module io.workerpipe {
    exports io.workerpipe;

    // For the command line alone: the library runs without them.
    requires static info.picocli;
    requires static com.fasterxml.jackson.core;
    requires static org.jline.terminal;

    opens io.workerpipe.cli to info.picocli;
}
