package io.workerpipe.process;

import static org.assertj.core.api.Assertions.assertThat;

import io.workerpipe.roster.Crowd;
import io.workerpipe.roster.RosterFolder;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Something has run out: a clear reason at the right call, and all goes on once it is there again. */
@Timeout(600)
class ScarcityIT {
    @RegisterExtension
    final Children children = new Children();

    @Test
    void shouldWorkWithTheSmallestPipesWhenItsUserHasUsedUpHisPages() throws Exception {
        OrdinaryUser.need();
        Path groups = OrdinaryUser.folder(children.file("user"), OrdinaryUser.UID);
        String[] user = OrdinaryUser.words(groups, OrdinaryUser.UID, OrdinaryUser.UID);
        long pages = softLimit();
        Tools.need(pages >= 1 << 10 && pages <= 1 << 16, "pipe-user-pages-soft is " + pages);
        ChildJvm holder = children.prober("holder", user);
        int last = Integer.parseInt(holder.ask("hold-pipes " + (pages / 256 + 1) + " " + (1 << 20), "ok"));
        assertThat(last).as("the last pipe, beyond the limit").isLessThanOrEqualTo(8192);

        ChildJvm receiver = children.joined("receiver", user);
        ChildJvm sender = children.joined("sender", user);
        assertThat(receiver.log()).contains("keeps its size of").contains("pipe-user-pages-soft");
        for (int length : new int[]{10, 4096, 5000, 3_000_000}) {
            sender.ask("send " + receiver.pid() + " " + length, "ok");
        }
        Await.until("received", ChildJvm.LIMIT, () -> receiver.ask("received", "ok").equals("4 3009106"));
        Children.stop(receiver);
        holder.ask("free-pipes", "ok");
        ChildJvm again = children.joined("again", user);
        assertThat(again.log()).doesNotContain("keeps its size");
        Children.stop(sender, again);
        assertThat(groups).isEmptyDirectory();
    }

    @Test
    void shouldSayThatThereIsNoRoomAndJoinOnceThereIs() throws Exception {
        Tools.needRoot();
        ChildJvm prober = children.prober("prober", "unshare", "--mount", "--");
        prober.ask("ready", "ok");
        Tools.need("nsenter", "--mount=/proc/" + prober.pid() + "/ns/mnt", "true");
        inside(prober, "mount -t tmpfs -o size=300k,mode=700 tmpfs " + children.groups());
        assertThat(prober.ask("join", "failed")).contains("No space left on device", "528384 bytes", "make room",
                "WORKERPIPE_DIR");
        assertThat(inside(prober, "ls -A " + children.groups())).isEmpty();
        inside(prober, "mount -o remount,nr_inodes=2 " + children.groups());
        inside(prober, "mount -o remount,size=4m " + children.groups());
        assertThat(prober.ask("join", "failed")).contains("No space left on device", "df -i");
        assertThat(inside(prober, "ls -A " + children.groups())).isEmpty();

        inside(prober, "mount -o remount,nr_inodes=100 " + children.groups());
        prober.ask("join", "ok");
        // A group that is there needs no room.
        String fill = "dd if=/dev/zero bs=64k 2>/dev/null >> " + children.groups() + "/filler || true";
        inside(prober, fill);
        prober.ask("send " + prober.pid() + " 10", "ok");
        Await.until("received", ChildJvm.LIMIT, () -> prober.ask("received", "ok").equals("1 10"));
        Children.stop(prober);
        inside(prober, fill);
        assertThat(prober.ask("join", "failed")).contains("No space left on device");
        inside(prober, "rm " + children.groups() + "/filler");
        prober.ask("join", "ok");
        Children.stop(prober);
        assertThat(inside(prober, "ls -A " + children.groups())).isEmpty();
    }

    @Test
    void shouldSayThatAFolderIsReadOnlyAndLeaveAllTheSame() throws Exception {
        Tools.needRoot();
        ChildJvm prober = children.prober("prober", "unshare", "--mount", "--");
        prober.ask("ready", "ok");
        Tools.need("nsenter", "--mount=/proc/" + prober.pid() + "/ns/mnt", "true");
        prober.ask("join", "ok");
        inside(prober, "mount --bind " + children.groups() + " " + children.groups());
        inside(prober, "mount -o remount,bind,ro " + children.groups());
        prober.ask("send " + prober.pid() + " 10", "ok");
        Await.until("received", ChildJvm.LIMIT, () -> prober.ask("received", "ok").equals("1 10"));
        Children.stop(prober);
        assertThat(prober.log()).contains("Read-only file system");
        assertThat(prober.ask("join", "failed")).contains("is not writable", "file system that is not read-only");

        inside(prober, "mount -o remount,bind,rw " + children.groups());
        prober.ask("join", "ok");
        assertThat(prober.ask("workers", "ok")).isEqualTo("" + prober.pid());
        Children.stop(prober);
        children.assertNothingLeft();
    }

    @Test
    void shouldSayThatProcIsNotThereAndGoOnOnceItIs() throws Exception {
        Tools.needRoot();
        ChildJvm other = children.joined("other");
        ChildJvm prober = children.prober("prober", "unshare", "--mount", "--");
        prober.ask("join", "ok");
        Path namespace = Path.of("/proc/" + prober.pid() + "/ns/mnt");
        Tools.need("nsenter", "--mount=" + namespace, "true");
        ChildJvm late = children.prober("late", "nsenter", "--mount=" + namespace, "--");
        late.ask("ready", "ok");
        Await.until("seen", ChildJvm.LIMIT, () -> prober.ask("workers", "ok").contains("" + other.pid()));

        inside(prober, "mount -t tmpfs tmpfs /proc");
        assertThat(late.ask("join", "failed")).contains("/proc is not there", "mount -t proc proc /proc");
        // Those who know each other need it no more.
        prober.ask("send " + other.pid() + " 10", "ok");
        other.ask("send " + prober.pid() + " 10", "ok");
        Await.until("received", ChildJvm.LIMIT, () -> prober.ask("received", "ok").equals("1 10"));
        ChildJvm stranger = children.joined("stranger");
        Await.until("seen", ChildJvm.LIMIT, () -> prober.ask("workers", "ok").contains("" + stranger.pid()));
        assertThat(prober.ask("send " + stranger.pid() + " 10", "failed")).contains("/proc is not there");
        // A death is not taken for one before it can be looked at; others can.
        assertThat(prober.ask("workers", "ok").split(",")).hasSize(3);

        inside(prober, "mount -t proc proc /proc");
        prober.ask("send " + stranger.pid() + " 10", "ok");
        late.ask("join", "ok");
        Children.stop(other, prober, late, stranger);
        children.assertNothingLeft();
    }

    @Test
    void shouldSayThatThereIsNoMemoryAndDropOnlyTheAlertThatNeedsIt() throws Exception {
        Tools.need("prlimit", "--version");
        ChildJvm poor = children.prober("poor");
        poor.ask("join pool=1048576", "ok");
        poor.ask("leave", "ok");
        long used = addressSpace(poor);
        limitAddressSpace(poor, used + (100L << 20));
        for (int i = 0; i < 3; i++) {
            assertThat(poor.ask("join", "failed"))
                    .startsWith("JoinException cannot join group 'test': no 270532608 bytes")
                    .contains("ENOMEM", "ulimit -v", "poolBytes");
        }
        children.assertNothingLeft();
        poor.ask("join pool=1048576", "ok");
        ChildJvm sender = children.joined("sender");
        sender.ask("lend " + poor.pid() + " " + (200 << 20), "ok");
        Await.until("dropped", ChildJvm.LIMIT, () -> poor.ask("statistics", "ok").contains("droppedOpen=1"));
        sender.ask("send " + poor.pid() + " 1000000", "ok");
        Await.until("received", ChildJvm.LIMIT, () -> poor.ask("received", "ok").equals("1 1000000"));
        limitAddressSpace(poor, -1);
        sender.ask("lend " + poor.pid() + " " + (200 << 20), "ok");
        Await.until("received", ChildJvm.LIMIT, () -> poor.ask("received", "ok").startsWith("2 "));
        Children.stop(poor, sender);
        children.assertNothingLeft();
    }

    @Test
    void shouldSayThatTheGroupIsFullAndTakeInTheNextWhenThereIsASlot() throws Exception {
        ChildJvm first = children.joined("first");
        ChildJvm late = children.prober("late");
        try (Crowd crowd = Crowd.fill(RosterFolder.at(children.groups()), Children.GROUP)) {
            assertThat(late.ask("join", "failed"))
                    .startsWith("JoinException cannot join group 'test': group \"test\" is full")
                    .contains("all 1024 slots belong to processes that are alive", "end some of them");
            first.ask("send " + first.pid() + " 10", "ok");
            Await.until("received", ChildJvm.LIMIT, () -> first.ask("received", "ok").equals("1 10"));
            crowd.end();
            late.ask("join", "ok");
        }
        first.ask("send " + late.pid() + " 10", "ok");
        Await.until("received", ChildJvm.LIMIT, () -> late.ask("received", "ok").equals("1 10"));
        Children.stop(first, late);
        children.assertNothingLeft();
    }

    @Test
    void shouldSayThatTheRoomOfAllOutboxesIsUsedUpAndSendOnceThereIsSome() throws Exception {
        ChildJvm sender = children.prober("sender");
        sender.ask("join pool=1048576 outbox=16777216", "ok");
        List<ChildJvm> receivers = List.of(children.joined("one"), children.joined("two"), children.joined("three"));
        Await.until("seen", ChildJvm.LIMIT, () -> sender.ask("workers", "ok").split(",").length == 4);
        ChildJvm quick = receivers.getLast();
        receivers.get(0).stop();
        receivers.get(1).stop();
        int sent = 0;
        String answer = "ok";
        while (answer.startsWith("ok")) {
            answer = sender.say("send " + receivers.get(sent % 2).pid() + " 100000").answer();
            sent += answer.startsWith("ok") ? 1 : 0;
            assertThat(sent).isLessThan(100);
        }
        assertThat(answer).startsWith("failed OutboxFullException no room for 100000 bytes to worker ")
                .contains("all outboxes together hold their limit, 1048576 bytes");
        receivers.get(0).resume();
        receivers.get(1).resume();
        assertThat(sender.ask("flush", "ok")).isEqualTo("true");
        sender.ask("send " + quick.pid() + " 100000", "ok");
        Await.until("received", ChildJvm.LIMIT, () -> quick.ask("received", "ok").equals("1 100000"));
        int all = sent;
        Await.until("received", ChildJvm.LIMIT, () -> count(receivers.get(0)) + count(receivers.get(1)) == all);
        Children.stop(sender, receivers.get(0), receivers.get(1), quick);
        children.assertNothingLeft();
    }

    /** In one read: what is asked for in pieces comes in pieces that do not fit. */
    private static long softLimit() throws IOException {
        try (InputStream file = Files.newInputStream(Path.of("/proc/sys/fs/pipe-user-pages-soft"))) {
            return Long.parseLong(new String(file.readNBytes(32), StandardCharsets.US_ASCII).strip());
        }
    }

    private static int count(ChildJvm prober) throws Exception {
        return Integer.parseInt(prober.ask("received", "ok").split(" ")[0]);
    }

    private static String inside(ChildJvm prober, String script) throws Exception {
        return Tools.run("nsenter", "--mount=/proc/" + prober.pid() + "/ns/mnt", "--", "sh", "-c", script).strip();
    }

    private static long addressSpace(ChildJvm child) throws Exception {
        return Long.parseLong(Files.readString(Path.of("/proc/" + child.pid() + "/statm")).split(" ")[0]) << 12;
    }

    private static void limitAddressSpace(ChildJvm child, long bytes) throws Exception {
        Tools.run("prlimit", "--pid", Long.toString(child.pid()),
                "--as=" + (bytes < 0 ? "unlimited" : Long.toString(bytes)) + ":unlimited");
    }
}
