package io.workerpipe.doctor;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/** What /proc/PID/status says of who a process is; see proc(5). */
record Status(String uids, String gids, long permitted, long effective) {
    static Status of(String pid) throws IOException {
        Map<String, String> fields = new HashMap<>();
        // The name of a process is bytes of any kind.
        for (String line : Files.readAllLines(Path.of("/proc", pid, "status"), StandardCharsets.ISO_8859_1)) {
            String[] parts = line.split(":", 2);
            fields.put(parts[0], parts[parts.length - 1].strip().replaceAll("\\s+", " "));
        }
        return new Status(fields.getOrDefault("Uid", ""), fields.getOrDefault("Gid", ""),
                Long.parseUnsignedLong(fields.getOrDefault("CapPrm", "0"), 16),
                Long.parseUnsignedLong(fields.getOrDefault("CapEff", "0"), 16));
    }

    /** Real, effective, saved and file system id. */
    boolean hasOneOfEach() {
        return isOne(uids) && isOne(gids);
    }

    private static boolean isOne(String ids) {
        return ids.split(" ").length == 4 && ids.split(" ")[0].repeat(4).equals(ids.replace(" ", ""));
    }

    /** Whether the kernel lets a process like this one open the pipe of the other through /proc. */
    boolean mayReach(Status other) {
        return uids.equals(other.uids) && gids.equals(other.gids) && (other.permitted & ~effective) == 0;
    }

    @Override
    public String toString() {
        return "uid " + uids.split(" ")[0] + ", gid " + gids.split(" ")[0] + ", capabilities "
                + (effective == 0 ? "none" : "0x" + Long.toHexString(effective));
    }
}
