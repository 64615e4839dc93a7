package io.workerpipe.roster;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/** What lstat(2) says of a path, and whether only this user can have put it there. */
record PathStatus(Path path, int mode, int uid, int links, long device, long inode, long size) {
    private static final int TYPE = 0170000;
    private static final int LINK = 0120000;
    private static final int FOLDER = 0040000;
    private static final int FILE = 0100000;
    private static final int OTHERS = 0077;

    /** Looks, without following a link; empty if nothing is there. */
    static Optional<PathStatus> of(Path path) throws RosterException {
        try {
            Map<String, Object> facts = Files.readAttributes(path, "unix:mode,uid,nlink,dev,ino,size",
                    LinkOption.NOFOLLOW_LINKS);
            return Optional.of(new PathStatus(path, (Integer) facts.get("mode"), (Integer) facts.get("uid"),
                    (Integer) facts.get("nlink"), (Long) facts.get("dev"), (Long) facts.get("ino"),
                    (Long) facts.get("size")));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException e) {
            throw new RosterException(
                    "cannot look at " + path + " (" + RosterFolder.reason(e) + "): expected a path that this user may"
                            + " reach; check the permissions of the folders above it",
                    e);
        }
    }

    /** Refuses all but a folder that is this user's alone. */
    void requireFolder(int user, String remedy) throws RosterException {
        require(FOLDER, "a folder", 0700, user, remedy);
    }

    /** Refuses all but a file that is this user's alone and has no second name. */
    void requireFile(int user, String remedy) throws RosterException {
        String expected = require(FILE, "a file", 0600, user, remedy);
        if (links > 1) {
            throw new RosterException(path + " has " + links + " hard links" + expected + " with one; " + remedy);
        }
    }

    boolean isSameFile(long otherDevice, long otherInode) {
        return device == otherDevice && inode == otherInode;
    }

    private String require(int type, String kind, int permissions, int user, String remedy) throws RosterException {
        String expected = ": expected " + kind + " of user " + user + " with mode " + octal(permissions);
        if ((mode & TYPE) == LINK) {
            throw new RosterException(path + " is a symbolic link" + expected + ", not a link; " + remedy);
        }
        if ((mode & TYPE) != type) {
            throw new RosterException(path + " is not " + kind + expected + "; " + remedy);
        }
        if (uid != user) {
            throw new RosterException(path + " belongs to user " + uid + expected + "; " + remedy);
        }
        if ((mode & OTHERS) != 0) {
            throw new RosterException(path + " has mode " + octal(mode & 07777) + ", open to other users" + expected
                    + "; " + remedy);
        }
        return expected;
    }

    private static String octal(int mode) {
        return String.format("%04o", mode);
    }
}
