package io.workerpipe.linux;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/**
 * Immutable. Who a process is for the kernel, when one wants to open what the other has open; see proc_pid_status(5), and
 * ptrace(2) for the rules.
 *
 * @param uids      real, effective, saved and file system user id, as text
 * @param gids      the same of the group
 * @param permitted the capabilities that it may have
 * @param effective those that it has now
 * @param userMap   how its user namespace maps user ids, as this process sees it
 * @param dumpable  whether others may look into it, see {@code PR_SET_DUMPABLE} in prctl(2)
 */
public record Identity(String uids, String gids, long permitted, long effective, String userMap, boolean dumpable) {
    /**
     * That of a process.
     *
     * @param pid its number, or {@code self}
     * @return what /proc says now
     * @throws IOException if there is no such process, or no /proc
     */
    public static Identity of(String pid) throws IOException {
        Path folder = Path.of("/proc", pid);
        Map<String, String> fields = new HashMap<>();
        // The name of a process is bytes of any kind.
        for (String line : Files.readAllLines(folder.resolve("status"), StandardCharsets.ISO_8859_1)) {
            String[] parts = line.split(":", 2);
            fields.put(parts[0], parts[parts.length - 1].strip().replaceAll("\\s+", " "));
        }
        String uids = fields.getOrDefault("Uid", "");
        return new Identity(uids, fields.getOrDefault("Gid", ""),
                Long.parseUnsignedLong(fields.getOrDefault("CapPrm", "0"), 16),
                Long.parseUnsignedLong(fields.getOrDefault("CapEff", "0"), 16),
                Files.readString(folder.resolve("uid_map")).strip().replaceAll("\\s+", " "),
                isDumpable(pid, (int) Long.parseLong(uids.split(" ")[1])));
    }

    /**
     * Whether others may look into a process. Of one that runs as root it cannot be told.
     *
     * @param pid its number, or {@code self}
     * @param uid its effective user id
     * @return false if the kernel has given what is its own in /proc to root
     * @throws IOException if there is no such process, or no /proc
     */
    public static boolean isDumpable(String pid, int uid) throws IOException {
        return (int) Files.getAttribute(Path.of("/proc", pid, "fd"), "unix:uid", LinkOption.NOFOLLOW_LINKS) == uid;
    }

    /**
     * Whether it has one user and one group id, not another one as the effective or saved one.
     *
     * @return false after a set-user-id program
     */
    public boolean hasOneOfEach() {
        return isOne(uids) && isOne(gids);
    }

    private static boolean isOne(String ids) {
        return ids.split(" ").length == 4 && ids.split(" ")[0].repeat(4).equals(ids.replace(" ", ""));
    }

    /**
     * Why the kernel does not let this process open what the other has open.
     *
     * @param other the one that is to be reached
     * @return what it is about the other, empty if nothing can be seen
     */
    public String hindrance(Identity other) {
        if (!uids.equals(other.uids)) {
            return "its user ids are " + other.uids + ", not " + uids;
        }
        if (!gids.equals(other.gids)) {
            return "its group ids are " + other.gids + ", not " + gids;
        }
        if (!userMap.equals(other.userMap)) {
            return "it is in another user namespace";
        }
        if (!other.dumpable) {
            return "it is not dumpable (prctl(2), PR_SET_DUMPABLE)";
        }
        if ((other.permitted & ~effective) != 0) {
            return "it has capabilities that this one lacks, 0x" + Long.toHexString(other.permitted & ~effective);
        }
        return "";
    }

    /** What to start workers with, as messages say it. */
    @Override
    public String toString() {
        return "uid " + uids.split(" ")[0] + ", gid " + gids.split(" ")[0] + ", capabilities "
                + (effective == 0 ? "none" : "0x" + Long.toHexString(effective));
    }
}
