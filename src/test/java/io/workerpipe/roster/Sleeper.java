package io.workerpipe.roster;

import io.workerpipe.linux.Proc;
import java.io.IOException;
import java.util.concurrent.TimeUnit;

/** A process that does nothing, whose standard input is a pipe and can pass for an inbox. */
public final class Sleeper implements AutoCloseable {
    static final int INBOX_FD = 0;

    private final Process process;
    private final Owner owner;
    private final long inbox;

    public Sleeper() throws IOException {
        process = new ProcessBuilder("sleep", "1000").start();
        int pid = (int) process.pid();
        owner = new Owner(pid, Proc.startTime(pid));
        inbox = pipe(pid, INBOX_FD);
    }

    /** The inode number of a pipe that a process has open. */
    static long pipe(int pid, int fd) throws IOException {
        String text = Proc.fdLink(pid, fd).text();
        if (!text.startsWith("pipe:[")) {
            throw new IOException("descriptor " + fd + " of process " + pid + " is \"" + text + "\", not a pipe");
        }
        return Long.parseLong(text.substring("pipe:[".length(), text.length() - 1));
    }

    Owner owner() {
        return owner;
    }

    public int pid() {
        return owner.pid();
    }

    long inbox() {
        return inbox;
    }

    /** Joins in this process's name. */
    public Seat join(Roster roster, String label) throws IOException {
        Seat seat = roster.claim(owner, false, label, -1);
        seat.publish(inbox, INBOX_FD);
        return seat;
    }

    /** kill -9, and waits until the kernel has forgotten it. */
    public void kill() {
        process.destroyForcibly().onExit().orTimeout(10, TimeUnit.SECONDS).join();
    }

    @Override
    public void close() {
        kill();
    }
}
