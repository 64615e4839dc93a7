package io.workerpipe.cli;

/** How what the library logs looks on standard error. Only before the first line is logged. */
final class Logs {
    /** Of java.util.logging, and of the logger that is there without it. */
    private static final String[] FORMATS = {"java.util.logging.SimpleFormatter.format", "jdk.system.logger.format"};

    private Logs() {}

    static void oneLineEach() {
        format("workerpipe: %5$s%n");
    }

    /** For commands that end with a line of their own on what went wrong. */
    static void none() {
        format("");
    }

    private static void format(String format) {
        for (String property : FORMATS) {
            System.setProperty(property, format);
        }
    }
}
