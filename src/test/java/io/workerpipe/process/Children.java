package io.workerpipe.process;

import static org.assertj.core.api.Assertions.assertThat;

import io.workerpipe.process.Journal.Book;
import io.workerpipe.linux.Proc;
import io.workerpipe.roster.Counter;
import io.workerpipe.roster.Entry;
import io.workerpipe.roster.Roster;
import io.workerpipe.roster.RosterFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * The JVMs that a test starts, in a folder of their own. None of them outlives the test, and when it fails their output is
 * shown.
 */
final class Children implements BeforeEachCallback, AfterEachCallback {
    static final String GROUP = "test";

    /** What a JVM writes when it crashes. */
    private static final String CRASH = "hs_err_pid";

    private static final List<String> SMALL = List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xmx256m");

    private static final List<String> TINY = List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xmx16m",
            "-Xss512k");
    /** nobody, who has no file of his own. */
    private static final int ORDINARY_USER = 65534;

    private final List<ChildJvm> started = new ArrayList<>();
    private Path folder;
    private List<String> size = SMALL;
    private List<String> before = List.of();

    @Override
    public void beforeEach(ExtensionContext context) throws IOException {
        folder = Files.createTempDirectory("workerpipe-it-");
        Files.createDirectory(groups(), PosixFilePermissions
                .asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    }

    @Override
    public void afterEach(ExtensionContext context) throws Exception {
        for (ChildJvm child : started) {
            child.destroy();
        }
        if (context.getExecutionException().isPresent()) {
            System.out.println("output of the processes of " + context.getDisplayName() + ":");
            started.forEach(child -> System.out.println(child.log()));
        }
        started.clear();
        List<Path> crashes = crashes();
        for (Path crash : crashes) {
            System.out.println(Files.readString(crash));
        }
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
        assertThat(crashes).as("JVMs that crashed").isEmpty();
    }

    /** What JVMs wrote that crashed; a test that leaves one of these fails. */
    List<Path> crashes() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.getFileName().toString().startsWith(CRASH)).toList();
        }
    }

    /** From here on members are JVMs as small as can be. */
    void tiny() {
        size = TINY;
    }

    /** From here on members belong to an ordinary user, also where the tests are root's. */
    void ordinaryUser() throws IOException {
        if (Proc.uid() == 0) {
            before = List.of("setpriv", "--reuid=" + ORDINARY_USER, "--regid=" + ORDINARY_USER, "--clear-groups");
            for (Path own : List.of(folder, groups())) {
                Files.setAttribute(own, "unix:uid", ORDINARY_USER);
                Files.setAttribute(own, "unix:gid", ORDINARY_USER);
            }
        }
    }

    /** From here on members are started by this command, to which theirs is appended. */
    void startedBy(String... command) {
        before = List.of(command);
    }

    /** What WORKERPIPE_DIR is for all of them. */
    Path groups() {
        return folder.resolve("groups");
    }

    /** A file that is gone after the test. */
    Path file(String name) {
        return folder.resolve(name);
    }

    /** A member of the group; see {@link Member}. */
    ChildJvm member(String label, String... options) throws IOException {
        List<String> arguments = new ArrayList<>(List.of(GROUP, journal(label).toString(), "label=" + label));
        arguments.addAll(Arrays.asList(options));
        return java(label, size, Member.class, arguments);
    }

    /** A process that tries what it is told, after these words of a command (setpriv, unshare); see {@link Prober}. */
    ChildJvm prober(String name, String... before) throws IOException {
        List<String> command = new ArrayList<>(Arrays.asList(before));
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(SMALL);
        // From the jar, which is open already: a class from a folder needs a descriptor of its own.
        Path jar = Path.of("target", "workerpipe.jar").toAbsolutePath();
        command.addAll(List.of("--enable-native-access=ALL-UNNAMED", "-cp",
                jar + ":" + Path.of("target/test-classes").toAbsolutePath(), Prober.class.getName()));
        return start(name, Path.of(command.getFirst()), command.subList(1, command.size()));
    }

    /** One that has joined. */
    ChildJvm joined(String name, String... before) throws Exception {
        ChildJvm prober = prober(name, before);
        prober.ask("join", "ok");
        return prober;
    }

    /** Leaves, all at the same time. */
    static void stop(ChildJvm... probers) throws Exception {
        for (ChildJvm prober : probers) {
            prober.say("leave");
        }
        for (ChildJvm prober : probers) {
            prober.hear("ok");
        }
    }

    /** Several members that all see each other. */
    List<ChildJvm> members(int count, String... options) throws Exception {
        List<ChildJvm> members = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            members.add(member("w" + i, options));
        }
        for (ChildJvm member : members) {
            member.hear("joined");
        }
        for (ChildJvm member : members) {
            member.ask("await " + count, "there");
        }
        return members;
    }

    /** All leave at the same time, and their processes end. */
    static void leave(ChildJvm... members) throws Exception {
        for (ChildJvm member : members) {
            member.say("leave");
        }
        for (ChildJvm member : members) {
            member.hear("left");
            member.awaitEnd();
        }
    }

    /** The journals of members, by their labels: w0, w1, ... */
    List<Book> books(int count) throws IOException {
        List<Book> books = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            books.add(Journal.read(journal("w" + i)));
        }
        return books;
    }

    /** What a member wrote down. */
    Path journal(String label) {
        return file(label + ".journal");
    }

    ChildJvm java(String name, List<String> flags, Class<?> main, List<String> arguments) throws IOException {
        List<String> command = new ArrayList<>(flags);
        command.addAll(List.of("-XX:ErrorFile=" + file(CRASH + "%p.log"), "--enable-native-access=ALL-UNNAMED", "-cp",
                Path.of("target/classes").toAbsolutePath() + ":" + Path.of("target/test-classes").toAbsolutePath(),
                main.getName()));
        command.addAll(arguments);
        return start(name, Path.of(System.getProperty("java.home"), "bin", "java"), command);
    }

    ChildJvm start(String name, Path java, List<String> arguments) throws IOException {
        List<String> command = new ArrayList<>(before);
        command.add(java.toString());
        command.addAll(arguments);
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().put(RosterFolder.VARIABLE, groups().toString());
        ChildJvm child = new ChildJvm(name, builder.start());
        started.add(child);
        return child;
    }

    /** The group's roster as it lies in the file, dead members and guests included. */
    List<Entry> roster() throws IOException {
        Optional<Roster> roster = Roster.look(RosterFolder.at(groups()), GROUP);
        if (roster.isEmpty()) {
            return List.of();
        }
        try (Roster open = roster.get()) {
            return open.all();
        }
    }

    /** What a member has counted, read from the roster: without a word from the member, which may stand still. */
    long counter(ChildJvm member, Counter counter) throws IOException {
        Optional<Roster> roster = Roster.look(RosterFolder.at(groups()), GROUP);
        try (Roster open = roster.orElseThrow()) {
            for (Entry entry : open.all()) {
                if (entry.pid() == member.pid()) {
                    return open.counters(entry.slot()).get(counter);
                }
            }
        }
        throw new AssertionError(member.name + " is not in the roster");
    }

    /** Once all have left, no file of theirs is there. */
    void assertNothingLeft() throws IOException {
        try (Stream<Path> left = Files.list(groups())) {
            assertThat(left).as("files left in the folder of groups").isEmpty();
        }
    }
}
