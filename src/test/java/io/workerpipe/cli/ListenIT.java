package io.workerpipe.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.FileOutputStream;
import java.io.RandomAccessFile;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import io.workerpipe.roster.Counter;
import io.workerpipe.roster.Entry;
import io.workerpipe.roster.Roster;
import io.workerpipe.roster.RosterFolder;
import io.workerpipe.wire.ControlKind;
import io.workerpipe.wire.LossNotice;
import io.workerpipe.wire.Packet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A listener, and those that send to it, all started as a user does. */
@Timeout(600)
class ListenIT {
    @TempDir
    private Path folder;
    private CommandLineRuns commands;

    @BeforeEach
    void prepare() throws Exception {
        commands = new CommandLineRuns(folder);
    }

    @AfterEach
    void killAll() {
        commands.close();
    }

    @Test
    void shouldPrintAndSaveEachAlertWhenSentFromAnywhere() throws Exception {
        Path saved = folder.resolve("saved");
        Run listener = commands.listen("-g", "web", "--json", "--save", saved.toString(), "--count", "5");
        String pid = Long.toString(listener.pid());
        byte[] large = random(5_000_001, 11);
        Path file = Files.write(folder.resolve("large"), large);

        assertSent(commands.run("send", "-g", "web", pid, "text", "hi\n"), 3);
        assertSent(commands.run("send", "-g", "web", pid, "file", "--file", file.toString()), large.length);
        assertSent(commands.run(large, "send", "-g", "web", pid, "stdin"), large.length);
        assertSent(commands.run("send", "-g", "web", pid, "../empty"), 0);
        Run broadcast = commands.run("broadcast", "-g", "web", "all", "hi");
        assertSent(broadcast, 2);
        assertThat(broadcast.output()).containsExactly("sent 2 bytes to 1 worker: [" + pid + " (listen)]");

        listener.awaitEnd();
        assertThat(listener.exitCode()).as("%s", listener).isZero();
        List<Map<String, String>> alerts = new ArrayList<>();
        for (String line : listener.output()) {
            alerts.add(Json.object(line));
        }
        assertThat(alerts).extracting(alert -> alert.get("name"))
                .containsExactly("text", "file", "stdin", "../empty", "all");
        assertThat(alerts).extracting(alert -> alert.get("length"))
                .containsExactly("3", "5000001", "5000001", "0", "2");
        assertThat(alerts).extracting(alert -> alert.get("text")).containsExactly("hi\n", null, null, "", "hi");
        assertThat(alerts).extracting(alert -> alert.get("sha256")).contains(sha256(large), sha256(new byte[0]));
        for (Map<String, String> alert : alerts) {
            Path copy = Path.of(alert.get("file"));
            assertThat(copy).hasParentRaw(saved).hasSize(Long.parseLong(alert.get("length")));
            assertThat(sha256(Files.readAllBytes(copy))).isEqualTo(alert.get("sha256"));
        }
        try (Stream<Path> files = Files.list(saved)) {
            assertThat(files).hasSize(5);
        }
        assertThat(commands.left()).isEmpty();
    }

    @Test
    void shouldSpeakUtf8WhenTheLocaleDoesNot() throws Exception {
        Run listener = commands.listen("-g", "web", "--json", "--count", "1");
        // This JVM may have a poor locale as well, and could not pass such arguments on.
        commands.runShell("exec \"$0\" send -g web " + listener.pid()
                + " \"$(printf 'gr\\303\\266\\303\\237e')\" \"$(printf '\\342\\234\\223')\"");
        listener.awaitEnd();
        assertThat(Json.object(listener.output().getFirst())).containsEntry("name", "gr\u00f6\u00dfe")
                .containsEntry("length", "3").containsEntry("text", "\u2713");
    }

    @Test
    void shouldPrintALineEachWhenForPeople() throws Exception {
        Run listener = commands.listen("-g", "web", "--count", "2", "wanted");
        String pid = Long.toString(listener.pid());
        commands.run("send", "-g", "web", pid, "unwanted", "x");
        Run first = commands.run("send", "-g", "web", pid, "wanted", "two\nlines \u001b[2J");
        Run second = commands.run(new byte[5000], "send", "-g", "web", pid, "wanted");
        listener.awaitEnd();
        assertThat(listener.output()).containsExactly(first.pid() + " wanted: two\\nlines \\x1b[2J",
                second.pid() + " wanted: 5000 bytes");
    }

    /** The commands that send lend, which is never dropped: so the notice is written by hand. */
    @Test
    void shouldTellOfAlertsThatASenderHasDropped() throws Exception {
        Run people = commands.listen("-g", "web", "--count", "1");
        Run script = commands.listen("-g", "json", "--json", "--count", "1");
        long self = ProcessHandle.current().pid();
        for (Run listener : List.of(people, script)) {
            writeLoss(listener == people ? "web" : "json", (int) self, 12);
            commands.run("send", "-g", listener == people ? "web" : "json", Long.toString(listener.pid()), "hi", "x");
            listener.awaitEnd();
        }
        assertThat(people.output()).hasSize(2).first().isEqualTo(self + " has dropped 12 alerts here");
        assertThat(Json.object(script.output().getFirst())).containsOnlyKeys("sender", "dropped")
                .containsEntry("sender", Long.toString(self)).containsEntry("dropped", "12");
    }

    private void writeLoss(String group, int pid, long count) throws Exception {
        MemorySegment packet = Arena.ofAuto().allocate(Packet.HEADER + LossNotice.BODY);
        Packet.write(packet.address(), pid, LossNotice.BODY, Roster.SLOTS - 1, LossNotice.BODY, 0,
                Packet.WHOLE, Packet.CONTROL);
        packet.asByteBuffer().order(ByteOrder.LITTLE_ENDIAN).put(Packet.HEADER, ControlKind.LOSS)
                .putLong(Packet.HEADER + 1, count);
        try (Roster roster = Roster.look(RosterFolder.at(commands.groups()), group).orElseThrow()) {
            Entry listener = roster.live().getFirst();
            try (FileOutputStream inbox = new FileOutputStream(
                    "/proc/" + listener.pid() + "/fd/" + listener.inboxFd())) {
                inbox.write(packet.toArray(ValueLayout.JAVA_BYTE));
            }
        }
    }

    @Test
    void shouldListLiveWorkersWithTheirCounters() throws Exception {
        assertThat(commands.run("ls").output()).containsExactly("no live workers");
        assertThat(Json.objects(String.join("", commands.run("ls", "--json").output()))).isEmpty();
        Run one = commands.listen("-g", "a", "--label", "first");
        Run two = commands.listen("-g", "b");
        commands.run("send", "-g", "a", Long.toString(one.pid()), "hi", "there");
        one.awaitOutput("hi: there");

        List<Map<String, String>> all = Json.objects(String.join("", commands.run("ls", "--json").output()));
        assertThat(all).extracting(worker -> worker.get("group")).containsExactly("a", "b");
        assertThat(all).extracting(worker -> worker.get("pid"))
                .containsExactly(Long.toString(one.pid()), Long.toString(two.pid()));
        assertThat(all.getFirst()).containsEntry("label", "first").containsEntry("slot", "0")
                .containsEntry("alertsIn", "1").containsKeys("inboxFd", "inboxInode", "bytesIn", "alertsOut",
                        "bytesOut",
                        "discarded", "refused", "lostWithPeer", "queuedBytes");
        assertThat(commands.run("ls", "-g", "b").output()).hasSize(2)
                .last().asString().matches("b +" + two.pid() + " +0 listen .*");
    }

    @Test
    void shouldLeaveWhenInterruptedAndBeSweptUpWhenKilled() throws Exception {
        Run interrupted = commands.listen("-g", "web");
        interrupted.signal("INT");
        interrupted.awaitEnd();
        assertThat(interrupted.exitCode()).isEqualTo(130);
        assertThat(commands.left()).isEmpty();

        Run killed = commands.listen("-g", "web");
        killed.signal("KILL");
        killed.awaitEnd();
        assertThat(commands.run("ls").output()).containsExactly("no live workers");
        assertThat(commands.run("broadcast", "-g", "web", "hi", "x").exitCode()).isEqualTo(1);
        assertThat(commands.left()).isEmpty();
    }

    @Test
    void shouldEndQuietlyWhenNobodyReadsItsOutput() throws Exception {
        Run listener = commands.startUnread(new byte[0], "listen", "-g", "web");
        listener.awaitError("listening in group");
        commands.run("send", "-g", "web", Long.toString(listener.pid()), "hi", "x");
        listener.awaitEnd();
        assertThat(listener.exitCode()).isEqualTo(141);
        assertThat(listener.error()).hasSize(1);
        assertThat(commands.left()).isEmpty();
    }

    @Test
    void shouldDeliverSmallAlertsOfOthersWhileALargeOneIsUnderWay() throws Exception {
        Path file = folder.resolve("sparse");
        try (RandomAccessFile out = new RandomAccessFile(file.toFile(), "rw")) {
            out.setLength(300 << 20);
        }
        Run listener = commands.listen("-g", "web", "--json", "--count", "11");
        String pid = Long.toString(listener.pid());
        Run large = commands.start("send", "-g", "web", pid, "large", "--file", file.toString());
        awaitBytesIn(1 << 20);
        // Held on its way, so that it cannot be over before the others have started.
        large.signal("STOP");
        List<Run> small = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            small.add(commands.start("send", "-g", "web", pid, "small-" + i, "x"));
        }
        for (int i = 0; i < small.size(); i++) {
            assertSent(small.get(i).awaitEnd(), 1);
            listener.awaitOutput("small-" + i);
        }
        large.signal("CONT");
        assertSent(large.awaitEnd(), 300 << 20);
        listener.awaitEnd();
        assertThat(listener.output()).hasSize(11);
        assertThat(Json.object(listener.output().getLast())).containsEntry("name", "large")
                .containsEntry("length", Integer.toString(300 << 20)).containsEntry("sha256", sha256OfZeros(300 << 20));
    }

    private void awaitBytesIn(long bytes) throws Exception {
        try (Roster roster = Roster.look(RosterFolder.at(commands.groups()), "web").orElseThrow()) {
            Entry listener = roster.live().getFirst();
            Run.await("the listener got " + bytes + " bytes",
                    () -> roster.counters(listener.slot()).get(Counter.BYTES_IN) >= bytes);
        }
    }

    private static void assertSent(Run run, long bytes) {
        assertThat(run.exitCode()).as("%s", run).isZero();
        assertThat(run.error()).isEmpty();
        assertThat(run.output()).singleElement().asString()
                .startsWith("sent " + bytes + (bytes == 1 ? " byte to " : " bytes to "));
    }

    private static byte[] random(int length, long seed) {
        byte[] data = new byte[length];
        new Random(seed).nextBytes(data);
        return data;
    }

    private static String sha256(byte[] data) throws Exception {
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(data));
    }

    private static String sha256OfZeros(int length) throws Exception {
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        byte[] zeros = new byte[1 << 20];
        for (int done = 0; done < length; done += zeros.length) {
            digest.update(zeros);
        }
        return HexFormat.of().formatHex(digest.digest());
    }
}
