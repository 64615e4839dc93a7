package io.workerpipe.doctor;

import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The Java that this runs on, which a worker should be started with too. */
final class JavaChecks {
    /** Foreign functions are no preview any more. */
    private static final int OLDEST = 22;
    private static final List<String> VARIABLES = List.of("JAVA_OPTS", "JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS");

    private JavaChecks() {}

    static Finding version() {
        String found = Runtime.version() + " (" + System.getProperty("java.vendor") + ") in "
                + System.getProperty("java.home");
        return Runtime.version().feature() >= OLDEST
                ? Finding.ok("JDK", found)
                : Finding.fail("JDK", found, "install a JDK 22 or newer, or set JAVA_HOME to it");
    }

    static Finding options() {
        String set = VARIABLES.stream().filter(name -> System.getenv(name) != null)
                .map(name -> name + "=" + System.getenv(name)).collect(Collectors.joining(", "));
        boolean denies = Stream.of(set.split("[\\s=,]+")).anyMatch("deny"::equals)
                && set.contains("--illegal-native-access");
        return denies
                ? Finding.warn("JVM options", set,
                        "with --illegal-native-access=deny each worker needs --enable-native-access=io.workerpipe")
                : Finding.ok("JVM options", set.isEmpty() ? "none by " + String.join(", ", VARIABLES) : set);
    }

    static Finding nativeAccess() {
        Module module = JavaChecks.class.getModule();
        String name = module.isNamed() ? module.getName() : "ALL-UNNAMED";
        return module.isNativeAccessEnabled()
                ? Finding.ok("native access", "enabled for " + name)
                : Finding.warn("native access", "not enabled for " + name,
                        "start java with --enable-native-access=" + name
                                + ": without it Java warns, and a later one will refuse");
    }
}
