package io.workerpipe.process;

import static org.assertj.core.api.Assertions.assertThat;

import io.workerpipe.linux.Proc;
import io.workerpipe.roster.Entry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Others: refused with the reason. Nobody gets in, nothing of theirs is written to, nothing of ours can be read. */
@Timeout(600)
class StrangersIT {
    private static final int UID = OrdinaryUser.UID;
    private static final int OTHER = OrdinaryUser.OTHER_UID;

    @RegisterExtension
    final Children children = new Children();
    private Path groups;
    private String[] user;

    @BeforeEach
    void makeUser() throws Exception {
        OrdinaryUser.need();
        groups = OrdinaryUser.folder(children.file("user"), UID);
        user = OrdinaryUser.words(groups, UID, UID);
    }

    @Test
    void shouldKeepAnotherUserOutOfAllThatIsOurs() throws Exception {
        ChildJvm worker = children.joined("worker", user);
        Path roster = groups.resolve("test/roster");
        ChildJvm stranger = children.prober("stranger", OrdinaryUser.words(groups, OTHER, OTHER));
        assertThat(stranger.ask("join", "failed")).contains(groups + " belongs to user " + UID,
                "expected a folder of user " + OTHER);
        int inbox = inbox(worker);
        for (String look : List.of("ls " + groups, "cat " + roster, "cat " + groups + "/test/lock", "rm " + roster,
                "echo x >> " + roster, "echo x > /proc/" + worker.pid() + "/fd/" + inbox,
                "readlink /proc/" + worker.pid() + "/fd/" + inbox, "cat /proc/" + worker.pid() + "/maps")) {
            assertThat(exitCode(OrdinaryUser.words(groups, OTHER, OTHER, "sh", "-c", look))).as(look).isNotZero();
        }
        // The umask of whoever made them has no say.
        for (Path path : List.of(groups, groups.resolve("test"))) {
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path))).isEqualTo("rwx------");
        }
        for (Path path : List.of(roster, groups.resolve("test/lock"))) {
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path))).isEqualTo("rw-------");
        }
        // Nor does root come in by mistake.
        ChildJvm root = children.prober("root", "env", "WORKERPIPE_DIR=" + groups);
        assertThat(root.ask("join", "failed")).contains(groups + " belongs to user " + UID,
                "expected a folder of user 0");
        assertThat(worker.ask("workers", "ok")).isEqualTo("" + worker.pid());
        Children.stop(worker);
        assertThat(groups).isEmptyDirectory();
    }

    @Test
    void shouldWriteNothingIntoWhatAStrangerHasPutInItsPlace() throws Exception {
        Path theirs = OrdinaryUser.folder(children.file("theirs"), OTHER);
        Path group = Files.createDirectory(theirs.resolve("test"));
        Files.writeString(group.resolve("roster"), "theirs");
        Files.writeString(group.resolve("lock"), "theirs too");
        give(group, OTHER);
        give(group.resolve("roster"), OTHER);
        give(group.resolve("lock"), OTHER);
        for (Path each : List.of(theirs, group, group.resolve("roster"), group.resolve("lock"))) {
            Files.setPosixFilePermissions(each, PosixFilePermissions.fromString("rwxrwxrwx"));
        }
        Map<String, String> before = contents(theirs);
        ChildJvm prober = children.prober("prober", OrdinaryUser.words(theirs, UID, UID));
        assertThat(prober.ask("join", "failed")).contains(theirs + " belongs to user " + OTHER);

        // A link of theirs to their folder, and one to ours.
        Path link = children.file("link");
        for (Path target : List.of(theirs, groups)) {
            Files.createSymbolicLink(link, target);
            ChildJvm misled = children.prober("misled", OrdinaryUser.words(link, UID, UID));
            assertThat(misled.ask("join", "failed")).contains(link + " is a symbolic link");
            Files.delete(link);
        }
        assertThat(groups).isEmptyDirectory();

        // In a folder of ours, what only we could have put there: it is ours to say so.
        Path ours = Files.createDirectory(groups.resolve("test"));
        give(ours, UID);
        Files.setPosixFilePermissions(ours, PosixFilePermissions.fromString("rwx------"));
        ChildJvm again = children.prober("again", user);
        for (String name : List.of("lock", "roster")) {
            Path place = ours.resolve(name);
            Files.createSymbolicLink(place, group.resolve(name));
            assertThat(again.ask("join", "failed")).contains(place + " is a symbolic link");
            Files.delete(place);
            Files.createLink(place, group.resolve(name));
            assertThat(again.ask("join", "failed")).contains(place + " belongs to user " + OTHER);
            Files.delete(place);
            Files.writeString(place, "a letter");
            give(place, UID);
            Files.setPosixFilePermissions(place, PosixFilePermissions.fromString("rw-r--r--"));
            assertThat(again.ask("join", "failed")).contains(place + " has mode 0644, open to other users");
            assertThat(place).hasContent("a letter");
            Files.deleteIfExists(place);
            Files.deleteIfExists(ours.resolve("lock"));
        }
        assertThat(contents(theirs)).isEqualTo(before);
        again.ask("join", "ok");
        Children.stop(again);
        assertThat(groups).isEmptyDirectory();
    }

    @Test
    void shouldSayThatTheGroupIdDiffersWhenTheKernelRefuses() throws Exception {
        ChildJvm worker = children.joined("worker", user);
        ChildJvm other = children.joined("other", OrdinaryUser.words(groups, UID, OTHER));
        assertCannotReach(other, worker, "its group ids are " + ids(UID) + ", not " + ids(OTHER));
        assertCannotReach(worker, other, "its group ids are " + ids(OTHER) + ", not " + ids(UID));
        // Neither is taken for dead, and each goes on with those it can reach.
        ChildJvm friend = children.joined("friend", user);
        worker.ask("send " + friend.pid() + " 10", "ok");
        Await.until("received", ChildJvm.LIMIT, () -> friend.ask("received", "ok").equals("1 10"));
        assertThat(worker.ask("workers", "ok").split(",")).hasSize(3);
        assertThat(worker.ask("broadcast 10", "failed")).contains("inbox of worker " + other.pid());
        Await.until("received", ChildJvm.LIMIT, () -> friend.ask("received", "ok").equals("2 20"));
        Children.stop(worker, other, friend);
        assertThat(groups).isEmptyDirectory();
    }

    @Test
    void shouldSayThatCapabilitiesDifferWhenTheKernelRefuses() throws Exception {
        ChildJvm strong = children.joined("strong", OrdinaryUser.words(groups, UID, UID));
        Tools.need("setpriv", "--ambient-caps=+net_raw", "--inh-caps=+net_raw", "true");
        ChildJvm stronger = children.joined("stronger", "env", "WORKERPIPE_DIR=" + groups, "setpriv", "--reuid=" + UID,
                "--regid=" + UID, "--clear-groups", "--inh-caps=+net_raw", "--ambient-caps=+net_raw", "--");
        assertCannotReach(strong, stronger, "it has capabilities that this one lacks, 0x2000");
        stronger.ask("send " + strong.pid() + " 10", "ok");
        Await.until("received", ChildJvm.LIMIT, () -> strong.ask("received", "ok").equals("1 10"));
        Children.stop(strong, stronger);
        assertThat(groups).isEmptyDirectory();
    }

    @Test
    void shouldRefuseAProcessOfAnotherPidNamespace() throws Exception {
        Tools.need("unshare", "--pid", "--fork", "--mount-proc", "true");
        ChildJvm worker = children.joined("worker");
        ChildJvm elsewhere = children.prober("elsewhere", "unshare", "--pid", "--fork", "--mount-proc", "--kill-child",
                "--");
        assertThat(elsewhere.ask("join", "failed")).contains("belongs to the pid namespace " + Proc.pidNamespace(),
                "WORKERPIPE_DIR");
        // With a /proc that is not its own it would take everybody for dead.
        ChildJvm confused = children.prober("confused", "unshare", "--pid", "--fork", "--kill-child", "--");
        assertThat(confused.ask("join", "failed")).contains("/proc", "mount -t proc proc /proc");
        assertThat(worker.ask("workers", "ok")).isEqualTo("" + worker.pid());
        assertThat(children.roster()).extracting(Entry::pid).containsExactly((int) worker.pid());
        Children.stop(worker);
        children.assertNothingLeft();
    }

    @Test
    void shouldSayThatTheUserNamespaceDiffersWhenTheKernelRefuses() throws Exception {
        String[] inside = OrdinaryUser.words(groups, UID, UID, "unshare", "--user", "--map-root-user", "--");
        List<String> probe = new ArrayList<>(List.of(inside));
        probe.add("true");
        Tools.need(probe.toArray(String[]::new));
        ChildJvm worker = children.joined("worker", user);
        ChildJvm elsewhere = children.joined("elsewhere", inside);
        assertCannotReach(elsewhere, worker, "it is in another user namespace");
        Children.stop(worker, elsewhere);
        assertThat(groups).isEmptyDirectory();
    }

    @Test
    void shouldNotLetInWhomNobodyCouldReach() throws Exception {
        ChildJvm hidden = children.prober("hidden", user);
        hidden.ask("hide", "ok");
        assertThat(hidden.ask("join", "failed")).contains("this process is not dumpable (prctl(2), PR_SET_DUMPABLE)",
                "join as a guest");
        assertThat(groups).isEmptyDirectory();
        ChildJvm worker = children.joined("worker", user);
        hidden.ask("join guest", "ok");
        hidden.ask("send " + worker.pid() + " 10", "ok");
        Await.until("received", ChildJvm.LIMIT, () -> worker.ask("received", "ok").equals("1 10"));

        ChildJvm late = children.joined("late", user);
        late.ask("hide", "ok");
        assertCannotReach(worker, late, "it is not dumpable (prctl(2), PR_SET_DUMPABLE)");
        late.ask("send " + worker.pid() + " 10", "ok");
        Await.until("received", ChildJvm.LIMIT, () -> worker.ask("received", "ok").equals("2 20"));
        Children.stop(hidden, worker, late);
        assertThat(groups).isEmptyDirectory();
    }

    private static void assertCannotReach(ChildJvm from, ChildJvm to, String why) throws Exception {
        Await.until("seen", ChildJvm.LIMIT, () -> from.ask("workers", "ok").contains("" + to.pid()));
        assertThat(from.ask("send " + to.pid() + " 10", "failed"))
                .startsWith("WorkerUnreachableException the kernel does not let this process open the inbox of worker "
                        + to.pid() + ": " + why)
                .contains("start all workers with the same user and group ids");
    }

    private static String ids(int id) {
        return (id + " ").repeat(4).strip();
    }

    private static int inbox(ChildJvm worker) throws IOException {
        try (Stream<Path> files = Files.list(Path.of("/proc/" + worker.pid() + "/fd"))) {
            for (Path file : files.toList()) {
                String number = file.getFileName().toString();
                if (Integer.parseInt(number) > 2
                        && Proc.fdLink((int) worker.pid(), Integer.parseInt(number)).text().startsWith("pipe:")) {
                    return Integer.parseInt(number);
                }
            }
        }
        throw new AssertionError("no pipe");
    }

    private static int exitCode(String... command) throws Exception {
        return new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start().waitFor();
    }

    private static void give(Path path, int uid) throws IOException {
        Files.setAttribute(path, "unix:uid", uid, LinkOption.NOFOLLOW_LINKS);
        Files.setAttribute(path, "unix:gid", uid, LinkOption.NOFOLLOW_LINKS);
    }

    /** What is there, with its bytes and when it was last written to. */
    private static Map<String, String> contents(Path folder) throws IOException {
        Map<String, String> contents = new TreeMap<>();
        try (Stream<Path> paths = Files.walk(folder)) {
            for (Path path : paths.toList()) {
                contents.put(path.toString(), Files.getLastModifiedTime(path)
                        + (Files.isRegularFile(path) ? Files.readString(path) : ""));
            }
        }
        return contents;
    }
}
