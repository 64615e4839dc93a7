package io.workerpipe.bench.carrier;

import io.workerpipe.bench.performer.Performer;
import io.workerpipe.bench.process.Jvm;
import java.nio.file.Path;
import java.util.List;

/**
 * A system in JVMs.
 *
 * @param flags that it needs
 */
record JavaCarrier(String system, List<String> flags) implements Carrier {
    @Override
    public ProcessBuilder performer(String role, Scene scene, int seat, String variant, Path folder) {
        return Jvm.command(folder, flags, Performer.class, role, system, variant, scene.waiting().text(),
                Integer.toString(seat), Integer.toString(scene.receivers()), Integer.toString(scene.senders()),
                Integer.toString(scene.threads()), Long.toString(scene.bytes()), folder.toString());
    }

    @Override
    public boolean isJava() {
        return true;
    }
}
