package io.workerpipe.bench.carrier;

import io.workerpipe.bench.FlawedRunException;
import io.workerpipe.bench.process.Crew;
import io.workerpipe.bench.process.Jvm;
import io.workerpipe.bench.transport.AeronDriver;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Aeron, with its media driver in a JVM of its own. */
final class AeronCarrier implements Carrier {
    /** What Aeron's own scripts for measuring set, and what Agrona needs to get at memory. */
    private static final List<String> FLAGS = List.of("--add-opens", "java.base/jdk.internal.misc=ALL-UNNAMED",
            "-Dagrona.disable.bounds.checks=true", "-XX:+UnlockDiagnosticVMOptions",
            "-XX:GuaranteedSafepointInterval=300000");
    private static final Duration LIMIT = Duration.ofSeconds(60);

    private final JavaCarrier performers = new JavaCarrier("aeron-ipc", FLAGS);

    @Override
    public String system() {
        return performers.system();
    }

    @Override
    public List<Crew.Member> prepare(Crew crew) throws IOException, FlawedRunException, InterruptedException {
        List<Crew.Member> driver = List
                .of(crew.start(Jvm.command(crew.folder(), FLAGS, AeronDriver.class, crew.folder().toString())));
        crew.answers(driver, LIMIT);
        return driver;
    }

    @Override
    public ProcessBuilder performer(String role, Scene scene, int seat, String variant, Path folder) {
        return performers.performer(role, scene, seat, variant, folder);
    }

    @Override
    public Optional<Grid> grid(Scene scene, boolean whole) {
        return Optional.of(new AeronGrid(scene, whole));
    }

    @Override
    public boolean isJava() {
        return true;
    }
}
