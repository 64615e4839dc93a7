package io.workerpipe.bench.carrier;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** All systems, by name, in the order of the report. */
public final class Carriers {
    /** Of each system of this house's C programs. */
    public static final List<String> IN_C = List.of("c-pipe", "c-splice", "ancestor-c");

    /** Netty still uses what newer JDKs warn of. */
    private static final List<String> UNSAFE = Runtime.version().feature() < 24
            ? List.of()
            : List.of("--sun-misc-unsafe-memory-access=allow");

    private final Map<String, Carrier> carriers = new LinkedHashMap<>();

    /** @param built where {@code run.sh} puts the programs in C; they may be missing */
    public Carriers(Path built) {
        add(new JavaCarrier("workerpipe", List.of()));
        Path program = built.resolve("flow");
        if (Files.isExecutable(program)) {
            IN_C.forEach(system -> add(new ProgramCarrier(program, system)));
        }
        add(new AeronCarrier());
        add(new JavaCarrier("jdk-uds", List.of()));
        add(new JavaCarrier("jdk-uds-single", List.of()));
        add(new JavaCarrier("netty-uds", UNSAFE));
        add(new JavaCarrier("chronicle-queue", chronicle()));
    }

    /** What Chronicle asks for on newer JDKs, and that it does not phone home. */
    private static List<String> chronicle() {
        List<String> flags = new ArrayList<>(UNSAFE);
        for (String module : List.of("java.base/jdk.internal.ref", "java.base/sun.nio.ch", "jdk.unsupported/sun.misc",
                "jdk.compiler/com.sun.tools.javac.file")) {
            flags.addAll(List.of("--add-exports", module + "=ALL-UNNAMED"));
        }
        for (String module : List.of("jdk.compiler/com.sun.tools.javac", "java.base/java.lang",
                "java.base/java.lang.reflect", "java.base/java.io", "java.base/java.util", "java.base/java.nio")) {
            flags.addAll(List.of("--add-opens", module + "=ALL-UNNAMED"));
        }
        flags.add("-Dchronicle.analytics.disable=true");
        return flags;
    }

    private void add(Carrier carrier) {
        carriers.put(carrier.system(), carrier);
    }

    /** Empty where it cannot take part on this machine. */
    public Optional<Carrier> find(String system) {
        return Optional.ofNullable(carriers.get(system));
    }
}
