package io.workerpipe.linux;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * What /proc knows of processes: safe for any thread, cold, without a native call of our own.
 *
 * <p>Nothing here takes a failed look for a dead process: only when /proc itself is there and says "no such file" is
 * somebody gone. See proc(5).
 */
public final class Proc {
    private static final Path ROOT = Path.of("/proc");
    private static final Path SELF = ROOT.resolve("self");
    /** Not there where the kernel has no time namespaces. */
    private static final Path TIME_OFFSETS = SELF.resolve("timens_offsets");
    /** USER_HZ, as all programs see it. */
    private static final long TICKS_PER_SECOND = 100;
    private static final long NANOS_PER_TICK = 1_000_000_000 / TICKS_PER_SECOND;
    private static final long UNKNOWN = Long.MIN_VALUE;

    /** A process stays in its time namespace. Looked up by whoever comes first, to the same result. */
    private static volatile long bootOffset = UNKNOWN;

    /** A read of /proc/PID/stat that fails although the process is there is tried again this often. */
    private static final int TRIES = 5;

    private Proc() {}

    /**
     * The parts of /proc/PID/stat that tell one process from the next of the same number.
     *
     * @param state     the letter of proc(5): {@code R S D Z T t X I ...}
     * @param startTime clock ticks from boot to the process's start (field 22), the same in every time namespace; it does
     *                  not change with exec
     */
    public record Stat(char state, long startTime) {
        /**
         * Whether the process has ended: a zombie waits only for its parent to ask for the exit status.
         *
         * @return true for {@code Z} and {@code X}
         */
        public boolean ended() {
            return state == 'Z' || state == 'X';
        }
    }

    /**
     * What a look at /proc/PID/fd/N gave.
     *
     * @param answer what came of it
     * @param text   the link's text ("pipe:[123]") when {@code FOUND}, else empty
     */
    public record FdLink(Answer answer, String text) {
        /** What came of the look. */
        public enum Answer {
            /** The descriptor is open; the text says on what. */
            FOUND,
            /** No such descriptor, or no such process. */
            NONE,
            /** Not for us to know: this proves nothing about the process. */
            DENIED
        }

        /**
         * Whether this is that pipe.
         *
         * @param inode the pipe's inode number
         * @return true if the descriptor is open on it
         */
        public boolean isPipe(long inode) {
            return answer == Answer.FOUND && text.equals("pipe:[" + inode + "]");
        }
    }

    /**
     * The number of this process, in its own pid namespace.
     *
     * @return the pid
     */
    public static int pid() {
        return (int) ProcessHandle.current().pid();
    }

    /**
     * Looks at a process.
     *
     * @param pid its number
     * @return its state and start time, empty if there is no such process
     * @throws IOException if /proc is not there or cannot be read
     */
    public static Optional<Stat> stat(int pid) throws IOException {
        Path folder = ROOT.resolve(Integer.toString(pid));
        Path file = folder.resolve("stat");
        for (int tries = 1;; tries++) {
            try {
                Stat seen = parse(text(file));
                return Optional.of(new Stat(seen.state, seen.startTime - bootOffset()));
            } catch (NoSuchFileException e) {
                requireProc();
                return Optional.empty();
            } catch (IOException e) {
                // ESRCH: it died between open and read, which its missing folder confirms. Anything else (too many
                // open files) is no proof of a death.
                if (Files.notExists(folder, LinkOption.NOFOLLOW_LINKS)) {
                    requireProc();
                    return Optional.empty();
                }
                if (tries == TRIES) {
                    throw e;
                }
            }
        }
    }

    /**
     * When a process started.
     *
     * @param pid its number
     * @return clock ticks since boot, or -1 if there is no such process
     * @throws IOException if /proc is not there or cannot be read
     */
    public static long startTime(int pid) throws IOException {
        return stat(pid).map(Stat::startTime).orElse(-1L);
    }

    /**
     * What a process is doing.
     *
     * @param pid its number
     * @return the letter of proc(5), {@code Z} for a zombie, or 0 if there is no such process
     * @throws IOException if /proc is not there or cannot be read
     */
    public static char state(int pid) throws IOException {
        return stat(pid).map(Stat::state).orElse((char) 0);
    }

    /**
     * Looks at a descriptor of a process.
     *
     * @param pid the process
     * @param fd  the descriptor's number there
     * @return what was found
     * @throws IOException if /proc is not there or cannot be read
     */
    public static FdLink fdLink(int pid, int fd) throws IOException {
        try {
            Path link = Files.readSymbolicLink(ROOT.resolve(pid + "/fd/" + fd));
            return new FdLink(FdLink.Answer.FOUND, link.toString());
        } catch (NoSuchFileException e) {
            requireProc();
            return new FdLink(FdLink.Answer.NONE, "");
        } catch (AccessDeniedException e) {
            return new FdLink(FdLink.Answer.DENIED, "");
        }
    }

    /**
     * The id that the kernel made for this boot of the machine.
     *
     * @return a UUID as text, 36 characters
     * @throws IOException if /proc is not there or cannot be read
     */
    public static String bootId() throws IOException {
        try {
            return text(ROOT.resolve("sys/kernel/random/boot_id")).strip();
        } catch (NoSuchFileException e) {
            requireProc();
            throw e;
        }
    }

    /**
     * The pid namespace of this process: pids mean the same only within one.
     *
     * @return the inode number of /proc/self/ns/pid
     * @throws IOException if /proc is not there, or shows the processes of another pid namespace than ours
     */
    public static long pidNamespace() throws IOException {
        requireProc();
        return inode(Files.readSymbolicLink(SELF.resolve("ns/pid")).toString());
    }

    /**
     * The user that this process acts as.
     *
     * @return the effective user id
     * @throws IOException if /proc is not there or cannot be read
     */
    public static int uid() throws IOException {
        requireProc();
        return effectiveUid(text(SELF.resolve("status")));
    }

    /** The name in parentheses may hold anything, ") S 1" included: what counts begins after the last one. */
    static Stat parse(String stat) throws IOException {
        String[] fields = stat.substring(stat.lastIndexOf(')') + 1).strip().split(" ");
        try {
            return new Stat(fields[0].charAt(0), Long.parseLong(fields[22 - 3]));
        } catch (IndexOutOfBoundsException | NumberFormatException e) {
            throw new IOException("/proc/PID/stat does not read as proc(5) says: \"" + stat.strip() + "\"", e);
        }
    }

    /**
     * What the kernel adds to every start time that it tells this process: it lives in a time namespace of its own, if
     * this is not 0. The same process would seem to be another one to somebody outside.
     */
    private static long bootOffset() throws IOException {
        long known = bootOffset;
        if (known == UNKNOWN) {
            known = Files.exists(TIME_OFFSETS) ? bootOffset(text(TIME_OFFSETS)) : 0;
            bootOffset = known;
        }
        return known;
    }

    /** Of the line {@code boottime SECONDS NANOSECONDS}, in clock ticks. See time_namespaces(7). */
    static long bootOffset(String offsets) throws IOException {
        for (String line : offsets.split("\n")) {
            String[] words = line.strip().split("\\s+");
            if (words.length == 3 && words[0].equals("boottime")) {
                long nanos = Long.parseLong(words[2]);
                if (nanos % NANOS_PER_TICK != 0) {
                    throw new IOException("this process's time namespace moves the time since boot by " + words[1]
                            + " s and " + nanos + " ns: expected whole hundredths of a second, in which the kernel says"
                            + " when a process started");
                }
                return Long.parseLong(words[1]) * TICKS_PER_SECOND + nanos / NANOS_PER_TICK;
            }
        }
        throw new IOException(TIME_OFFSETS + " has no line \"boottime\", which time_namespaces(7) promises");
    }

    /** {@code Uid:} real, effective, saved, file system. The owner of /proc/self is another one if not dumpable. */
    static int effectiveUid(String status) throws IOException {
        for (String line : status.split("\n")) {
            if (line.startsWith("Uid:")) {
                return (int) Long.parseLong(line.strip().split("\\s+")[2]);
            }
        }
        throw new IOException("/proc/self/status has no line \"Uid:\", which proc(5) promises");
    }

    /** The 123 of "pid:[123]". */
    static long inode(String link) throws IOException {
        int open = link.indexOf(":[");
        if (open < 0 || !link.endsWith("]")) {
            throw new IOException("\"" + link + "\" is not of the form \"pid:[123]\", which namespaces(7) promises");
        }
        return Long.parseLong(link, open + 2, link.length() - 1, 10);
    }

    /** Without this, a missing /proc, or one of another namespace, would look like the death of everybody. */
    private static void requireProc() throws IOException {
        String self;
        try {
            self = Files.readSymbolicLink(SELF).toString();
        } catch (IOException e) {
            throw new IOException("/proc is not there, or does not show this process (/proc/self: " + e
                    + "): Workerpipe needs it; mount it with \"mount -t proc proc /proc\"", e);
        }
        if (!self.equals(Integer.toString(pid()))) {
            throw new IOException("/proc belongs to another pid namespace (it calls this process " + self
                    + ", the kernel calls it " + pid() + "): mount the own one with \"mount -t proc proc /proc\"");
        }
    }

    private static String text(Path file) throws IOException {
        try {
            // The name of a process is bytes of any kind.
            return new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
        } catch (NoSuchFileException e) {
            throw e;
        } catch (IOException e) {
            throw Shortage.explained(e);
        }
    }
}
