package io.workerpipe.roster;

import io.workerpipe.linux.Proc;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A JVM of its own that joins and leaves at the word of a test; its standard input passes for its inbox. */
final class RosterChild implements AutoCloseable {
    private final Process process;
    private final BufferedReader output;

    RosterChild(Path folder, String group) throws IOException {
        List<String> command = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin/java").toString(),
                "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx64m", "--enable-native-access=ALL-UNNAMED", "-cp",
                "target/classes:target/test-classes", RosterChild.class.getName(), folder.toString(), group));
        process = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
        output = process.inputReader();
    }

    int pid() {
        return (int) process.pid();
    }

    /** Says something, without waiting for the answer. */
    void say(String line) throws IOException {
        process.outputWriter().write(line + "\n");
        process.outputWriter().flush();
    }

    /** The next answer. */
    String hear() throws IOException {
        return output.readLine();
    }

    String ask(String line) throws IOException {
        say(line);
        return hear();
    }

    void kill() {
        process.destroyForcibly().onExit().orTimeout(10, TimeUnit.SECONDS).join();
    }

    @Override
    public void close() {
        kill();
    }

    public static void main(String[] args) throws IOException {
        RosterFolder folder = RosterFolder.removable(Path.of(args[0]));
        BufferedReader input = new BufferedReader(new InputStreamReader(System.in));
        Seat seat = null;
        for (String line = input.readLine(); line != null; line = input.readLine()) {
            switch (line.split(" ")[0]) {
                case "ready" -> System.out.println("ready");
                case "join" -> {
                    seat = Roster.join(folder, args[1], false, "child", 7);
                    seat.publish(Sleeper.pipe(Proc.pid(), 0), 0);
                    System.out.println("joined " + seat.slot() + " " + seat.incarnation());
                }
                case "leave" -> {
                    seat.leaving();
                    seat.close();
                    seat.roster().close();
                    System.out.println("left");
                }
                case "churn" -> {
                    int times = Integer.parseInt(line.split(" ")[1]);
                    for (int i = 0; i < times; i++) {
                        Seat brief = Roster.join(folder, args[1], false, "churn", i);
                        brief.publish(Sleeper.pipe(Proc.pid(), 0), 0);
                        brief.close();
                        brief.roster().close();
                    }
                    System.out.println("churned " + times);
                }
                default -> throw new IOException("what is \"" + line + "\"?");
            }
        }
    }
}
