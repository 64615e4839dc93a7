package io.workerpipe.roster;

import io.workerpipe.linux.Errno;
import io.workerpipe.linux.ErrnoException;
import io.workerpipe.linux.Fd;
import io.workerpipe.linux.FileStatus;
import java.io.IOException;
import java.util.Optional;

/**
 * The right to claim slots of a group and to remove its files, held until closed; nothing else ever opens its file.
 *
 * <p>It is flock(2), not a record lock (fcntl(2), which {@code FileChannel.lock} takes): a record lock is lost as soon
 * as any channel of the process on that file is closed, and does not keep two threads of a process apart. This one
 * belongs to the open file, so it does both, and the kernel releases it when its owner dies.
 */
final class GroupLock implements AutoCloseable {
    /** Each turn means that somebody else removed the file in between; nobody meets that so often. */
    private static final int TRIES = 10_000;

    private final GroupFolder group;
    private final Fd file;

    private GroupLock(GroupFolder group, Fd file) {
        this.group = group;
        this.file = file;
    }

    /** Waits for the lock, whose file is created if it is missing; empty if the group's folder is gone. */
    static Optional<GroupLock> take(GroupFolder group) throws RosterException {
        return take(group, Fd.O_CREAT);
    }

    /** Waits for the lock; empty if there is none, because the group has been removed. */
    static Optional<GroupLock> takeExisting(GroupFolder group) throws RosterException {
        return take(group, 0);
    }

    private static Optional<GroupLock> take(GroupFolder group, int create) throws RosterException {
        String path = group.lock().toString();
        for (int tries = 0; tries < TRIES; tries++) {
            // Before it is opened: to open a FIFO or a device can do more than open it.
            Optional<PathStatus> before = PathStatus.of(group.lock());
            if (before.isPresent()) {
                before.get().requireFile(group.base().uid(), group.base().remedy());
            }
            Fd file;
            try {
                file = Fd.open(path, Fd.O_RDWR | Fd.O_CLOEXEC | Fd.O_NOFOLLOW | create, 0600);
            } catch (ErrnoException e) {
                if (e.errno() != Errno.ENOENT) {
                    throw failed(group, e);
                }
                return Optional.empty();
            }
            if (lock(group, file)) {
                return Optional.of(new GroupLock(group, file));
            }
        }
        throw new RosterException("the lock " + path + " was removed again and again while waiting for it: expected"
                + " workers that come and go more slowly; try again");
    }

    /** False if the last worker left while we waited, and removed the file: then it protects nothing. */
    private static boolean lock(GroupFolder group, Fd file) throws RosterException {
        boolean locked = false;
        try {
            // Also before: nobody waits for what is not ours, and what is linked by now takes no time under the lock.
            if (isThere(group, file)) {
                file.lockExclusive();
                locked = isThere(group, file);
            }
        } catch (RosterException e) {
            throw e;
        } catch (IOException e) {
            throw failed(group, e);
        } finally {
            if (!locked) {
                file.close();
            }
        }
        return locked;
    }

    private static boolean isThere(GroupFolder group, Fd file) throws IOException {
        FileStatus status = file.stat();
        if (status.links() == 0) {
            return false;
        }
        new PathStatus(group.lock(), status.mode(), status.uid(), (int) status.links(), status.device(),
                status.inode(), 0).requireFile(group.base().uid(), group.base().remedy());
        return true;
    }

    /** Whether it is still the one of the group's folder: nobody has put another folder in its place by hand. */
    boolean isInPlace() throws RosterException {
        try {
            FileStatus status = file.stat();
            return PathStatus.of(group.lock()).filter(there -> there.isSameFile(status.device(), status.inode()))
                    .isPresent();
        } catch (IOException e) {
            throw failed(group, e);
        }
    }

    private static RosterException failed(GroupFolder group, IOException e) {
        return new RosterException("cannot take the lock " + group.lock() + " (" + e.getMessage()
                + "): expected a file that user " + group.base().uid() + " may write; " + group.base().remedy(e), e);
    }

    @Override
    public void close() {
        file.close();
    }
}
