package io.workerpipe.bench.process;

import io.workerpipe.bench.transport.Payload;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The command that starts a JVM of the bench's own: the same flags for every system. */
public final class Jvm {
    private Jvm() {}

    /**
     * @param folder    the run's own folder, where a group's roster goes
     * @param flags     of this system, besides those of all
     * @param main      what runs
     * @param arguments of its main
     */
    public static ProcessBuilder command(Path folder, List<String> flags, Class<?> main, String... arguments) {
        List<String> line = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin/java").toString(),
                "-XX:+UseSerialGC", "-Xmx64m", "-Xshare:auto", "-XX:-UsePerfData",
                "-XX:-UseDynamicNumberOfCompilerThreads", "--enable-native-access=ALL-UNNAMED"));
        line.addAll(Payload.FLAGS);
        line.addAll(flags);
        line.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
        line.addAll(List.of(arguments));
        ProcessBuilder command = new ProcessBuilder(line);
        command.environment().put("WORKERPIPE_DIR", folder.toString());
        return command;
    }
}
