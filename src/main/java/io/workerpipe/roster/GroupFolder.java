package io.workerpipe.roster;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;

/** A group's folder and the names in it. */
record GroupFolder(RosterFolder base, String name) {
    GroupFolder {
        GroupName.check(name);
    }

    Path path() {
        return base.path().resolve(name);
    }

    Path roster() {
        return path().resolve("roster");
    }

    /** A roster in the making, or what is left of one; touched under the lock only. */
    Path unfinishedRoster() {
        return path().resolve("roster.new");
    }

    Path lock() {
        return path().resolve("lock");
    }

    /** Creates what is missing; false if it vanished again meanwhile, because the last worker left. */
    boolean prepare() throws RosterException {
        if (!base.prepare()) {
            return false;
        }
        base.create(path());
        return base.check(path());
    }

    /** Whether the folder is there; one that cannot be trusted is refused. */
    boolean check() throws RosterException {
        return base.check() && base.check(path());
    }

    /**
     * Removes everything, under the lock. The lock's file goes last, so that whoever still finds it waits until all is
     * done; whoever finds the folder without it may have put a new one there, and then the folder stays.
     */
    void remove() throws RosterException {
        try {
            Files.deleteIfExists(unfinishedRoster());
            Files.deleteIfExists(roster());
            Files.deleteIfExists(lock());
        } catch (IOException e) {
            throw new RosterException("cannot remove the files of the group in " + path() + " (" + e
                    + "): expected a folder that this user may write; " + base.remedy(), e);
        }
        removeFolders();
    }

    /** Removes the folders if they are empty; a joiner who meets that creates them again. */
    void removeFolders() {
        boolean gone = removeFolder(path()) || Files.notExists(path(), LinkOption.NOFOLLOW_LINKS);
        if (gone && !base.given()) {
            removeFolder(base.path());
        }
    }

    private static boolean removeFolder(Path folder) {
        try {
            return Files.deleteIfExists(folder);
        } catch (IOException e) {
            // Somebody has joined, or keeps a file of his own there.
            return false;
        }
    }
}
