package io.workerpipe.doctor;

import io.workerpipe.linux.Identity;
import io.workerpipe.linux.Proc;
import io.workerpipe.roster.Entry;
import io.workerpipe.roster.Roster;
import io.workerpipe.roster.RosterException;
import io.workerpipe.roster.RosterFolder;
import io.workerpipe.roster.State;
import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** The folder of groups, and each group in it. */
final class GroupChecks {
    private static final String FOLDER = "roster folder";
    /** A roster, and the file system's own for it. */
    private static final long ROOM = 1 << 20;
    /** Shared between machines, whose processes are strangers to each other. */
    private static final Set<String> REMOTE = Set.of("nfs", "nfs4", "cifs", "smb3", "9p", "ceph", "glusterfs",
            "fuse.sshfs", "lustre", "afs");

    private GroupChecks() {}

    static List<Finding> all(String group) {
        List<Finding> findings = new ArrayList<>();
        try {
            RosterFolder folder = RosterFolder.ofUser();
            List<String> groups = folder.groups();
            findings.add(folder(folder));
            if (group != null && !groups.contains(group)) {
                findings.add(Finding.warn("group " + group, "has no roster in " + folder,
                        "nobody has joined it yet; or its workers have another user or " + RosterFolder.VARIABLE));
            }
            groups.stream().filter(name -> group == null || name.equals(group))
                    .forEach(name -> findings.addAll(group(folder, name)));
        } catch (RosterException e) {
            findings.add(refused(FOLDER, e));
        }
        return findings;
    }

    /** Their messages end with what to do. */
    private static Finding refused(String subject, IOException e) {
        String message = e.getMessage();
        int advice = message.lastIndexOf("; ");
        return advice < 0
                ? Finding.fail(subject, message, "see docs/operations.md")
                : Finding.fail(subject, message.substring(0, advice), message.substring(advice + 2));
    }

    private static Finding folder(RosterFolder folder) {
        Path path = folder.path();
        String from = System.getenv(RosterFolder.VARIABLE) == null ? "" : " (" + RosterFolder.VARIABLE + ")";
        boolean there = Files.exists(path, LinkOption.NOFOLLOW_LINKS);
        Path existing = there ? path : path.getParent();
        if (!Files.isDirectory(existing) || !Files.isWritable(existing)) {
            return Finding.fail(FOLDER,
                    path + from + " is not there, and " + existing + " is no folder to create it in",
                    "create it with mode 0700, or set " + RosterFolder.VARIABLE + " to another one");
        }
        try {
            FileStore store = Files.getFileStore(existing);
            String found = path + from + (there ? ", closed to others" : ", created when somebody joins") + ", on "
                    + store.type() + " with " + store.getUsableSpace() / 1_000_000 + " MB free";
            if (REMOTE.contains(store.type())) {
                return Finding.fail(FOLDER, found,
                        "set " + RosterFolder.VARIABLE + " to a folder of this machine alone, as /dev/shm is");
            }
            return store.getUsableSpace() >= ROOM
                    ? Finding.ok(FOLDER, found)
                    : Finding.fail(FOLDER, found, "make room: each new group takes half a megabyte");
        } catch (IOException e) {
            return Finding.warn(FOLDER, path + from + ": its file system cannot be asked: " + e.getMessage(),
                    "look at 'df " + existing + "'");
        }
    }

    private static List<Finding> group(RosterFolder folder, String name) {
        String subject = "group " + name;
        try {
            Optional<Roster> found = Roster.look(folder, name);
            if (found.isEmpty()) {
                return List.of(Finding.warn(subject, "its roster is of another boot of the machine, or was just left",
                        "nothing: the next to join makes a new one"));
            }
            try (Roster roster = found.get()) {
                return slots(subject, roster);
            }
        } catch (IOException e) {
            return List.of(refused(subject, e));
        }
    }

    private static List<Finding> slots(String subject, Roster roster) throws IOException {
        List<Entry> gone = new ArrayList<>();
        List<Entry> there = new ArrayList<>();
        for (Entry entry : roster.all()) {
            (entry.isGone() ? gone : there).add(entry);
        }
        String found = there.stream().filter(entry -> entry.state() == State.LIVE).count() + " live workers, "
                + there.size() + " of " + Roster.SLOTS + " slots in use";
        List<Finding> findings = new ArrayList<>();
        findings.add(gone.isEmpty()
                ? Finding.ok(subject, found)
                : Finding.warn(subject, found + ", and " + gone.size() + " whose process is gone: " + pids(gone),
                        "nothing: the others, or the next to join, free them; if they stay, the others do not run"));
        String denied = pids(there.stream().filter(GroupChecks::isDenied).toList());
        if (!denied.isEmpty()) {
            findings.add(Finding.fail(subject, "the kernel lets nobody like this process open the pipe of " + denied,
                    "start all workers with the same user and group ids and capabilities, dumpable; theirs: "
                            + identities(there)));
        }
        return findings;
    }

    private static String pids(List<Entry> entries) {
        return entries.stream().map(entry -> Integer.toString(entry.pid())).collect(Collectors.joining(", "));
    }

    private static boolean isDenied(Entry entry) {
        try {
            return entry.hasInbox() && (Proc.fdLink(entry.pid(), entry.inboxFd()).answer() == Proc.FdLink.Answer.DENIED
                    || !Identity.of("self").hindrance(Identity.of(Integer.toString(entry.pid()))).isEmpty());
        } catch (IOException e) {
            // It ended while we looked.
            return false;
        }
    }

    private static String identities(List<Entry> entries) {
        List<String> all = new ArrayList<>();
        for (Entry entry : entries) {
            try {
                all.add(Identity.of(Integer.toString(entry.pid())).toString());
            } catch (IOException e) {
                // The same.
            }
        }
        return all.stream().distinct().collect(Collectors.joining("; "));
    }
}
