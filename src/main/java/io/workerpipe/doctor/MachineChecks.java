package io.workerpipe.doctor;

import io.workerpipe.linux.Identity;
import io.workerpipe.linux.Proc;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The system: what needs no native call. */
final class MachineChecks {
    /** A write end and a pidfd a peer, and what a JVM has open anyway. */
    private static final int FILES_A_WORKER = 2;
    private static final int FILES_OF_JVM = 100;
    private static final int FEW_WORKERS = 50;
    private static final Pattern OPEN_FILES = Pattern.compile("(?m)^Max open files\\s+(\\S+)\\s+(\\S+)");
    private static final Pattern HIDEPID = Pattern.compile("hidepid=(\\w+)");

    private MachineChecks() {}

    static List<Finding> all() {
        return List.of(proc(), identity(), namespaces(), openFiles(), overcommit(), migration());
    }

    private static Finding proc() {
        try {
            Proc.pidNamespace();
            Matcher hidden = HIDEPID.matcher(procMount());
            return Finding.ok("/proc", !hidden.find() || hidden.group(1).equals("0")
                    ? "shows the processes of this pid namespace"
                    : "hides those of other users and with more capabilities (hidepid=" + hidden.group(1)
                            + "): workers need the same");
        } catch (IOException e) {
            return Finding.fail("/proc", e.getMessage(), "mount it for this pid namespace: mount -t proc proc /proc");
        }
    }

    private static String procMount() throws IOException {
        return Files.readAllLines(Path.of("/proc/self/mounts")).stream()
                .filter(line -> line.split(" ")[1].equals("/proc"))
                .reduce("", (_, last) -> last);
    }

    private static Finding identity() {
        try {
            Identity self = Identity.of("self");
            return self.hasOneOfEach()
                    ? Finding.ok("user", self + ": workers must have the same")
                    : Finding.warn("user", "uids " + self.uids() + ", gids " + self.gids() + " (real, effective, saved,"
                            + " file system)",
                            "start workers without a set-user-id program in between: all four ids"
                                    + " must be the same in all workers");
        } catch (IOException | NumberFormatException e) {
            return Finding.fail("user", "/proc/self/status cannot be read: " + e.getMessage(),
                    "mount /proc for this pid namespace: mount -t proc proc /proc");
        }
    }

    private static Finding namespaces() {
        try {
            return Finding.ok("namespaces", namespace("pid") + ", " + namespace("user") + ", " + namespace("mnt")
                    + ": workers must have the same pid and user namespace");
        } catch (IOException e) {
            return Finding.warn("namespaces", "cannot be read: " + e.getMessage(),
                    "start all workers of a group in one container");
        }
    }

    private static String namespace(String name) throws IOException {
        return Files.readSymbolicLink(Path.of("/proc/self/ns", name)).toString();
    }

    private static Finding openFiles() {
        try {
            Matcher limit = OPEN_FILES.matcher(Files.readString(Path.of("/proc/self/limits")));
            if (!limit.find()) {
                return Finding.warn("open files", "/proc/self/limits does not say", "look at 'ulimit -n'");
            }
            if (limit.group(1).equals("unlimited")) {
                return Finding.ok("open files", "unlimited");
            }
            long workers = (Long.parseLong(limit.group(1)) - FILES_OF_JVM) / FILES_A_WORKER;
            String found = limit.group(1) + " (ulimit -n, as the JVM raised it), enough for a group of "
                    + Math.clamp(workers, 0, 1024);
            return workers >= FEW_WORKERS
                    ? Finding.ok("open files", found)
                    : Finding.warn("open files", found,
                            "raise it: 'ulimit -n 4096', LimitNOFILE=4096 in a systemd unit");
        } catch (IOException | NumberFormatException e) {
            return Finding.warn("open files", "cannot be read: " + e.getMessage(), "look at 'ulimit -n'");
        }
    }

    private static Finding overcommit() {
        return Sysctl.read("vm.overcommit_memory").filter("2"::equals).isPresent()
                ? Finding.warn("memory", "vm.overcommit_memory is 2: what is reserved counts as used",
                        "sysctl -w vm.overcommit_memory=0, or leave room for what workers reserve")
                : Finding.ok("memory", "can be reserved before it is used (vm.overcommit_memory "
                        + Sysctl.read("vm.overcommit_memory").orElse("unknown") + ")");
    }

    private static Finding migration() {
        String name = "net.ipv4.tcp_migrate_req";
        String value = Sysctl.read(name).orElse("not there");
        return value.equals("1")
                ? Finding.ok("TCP migration", name + " is 1")
                : Finding.warn("TCP migration", name + " is " + value,
                        "only for workers that share a port and are replaced while they serve: 'sysctl -w " + name
                                + "=1' (Linux 5.14), else connections that wait for a worker that ends are reset");
    }
}
