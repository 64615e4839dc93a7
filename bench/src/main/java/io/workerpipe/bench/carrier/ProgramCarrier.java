package io.workerpipe.bench.carrier;

import java.nio.file.Path;

/** One of the ways of {@code flow.c}. */
record ProgramCarrier(Path program, String system) implements Carrier {
    @Override
    public ProcessBuilder performer(String role, Scene scene, int seat, String variant, Path folder) {
        return new ProcessBuilder(program.toString(), role, system, variant, scene.waiting().text(),
                Integer.toString(seat), Integer.toString(scene.receivers()), Integer.toString(scene.senders()),
                Integer.toString(scene.threads()), Long.toString(scene.bytes()), folder.toString());
    }

    @Override
    public boolean isJava() {
        return false;
    }
}
