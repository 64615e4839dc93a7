package io.workerpipe.linux;

import io.workerpipe.linux.gen.LibC;
import io.workerpipe.linux.gen.stat;
import java.lang.foreign.MemorySegment;

/**
 * What <a href="https://man7.org/linux/man-pages/man2/fstat.2.html">fstat(2)</a> says of an open file.
 *
 * @param device the device that holds the file
 * @param inode  the file's number there; device and inode together name one file
 * @param mode   its type and permissions
 * @param links  how many names it has; 0 when it was deleted, 1 for a pipe
 * @param uid    the user who owns it
 * @param gid    the group that owns it
 * @param size   its size in bytes, 0 for a pipe
 */
public record FileStatus(long device, long inode, int mode, long links, int uid, int gid, long size) {
    private static final int PERMISSIONS = 07777;

    static FileStatus of(MemorySegment struct) {
        return new FileStatus(stat.st_dev(struct), stat.st_ino(struct), stat.st_mode(struct), stat.st_nlink(struct),
                stat.st_uid(struct), stat.st_gid(struct), stat.st_size(struct));
    }

    /**
     * Whether it is a pipe, named or not.
     *
     * @return true for a pipe
     */
    public boolean isFifo() {
        return type() == LibC.S_IFIFO();
    }

    /**
     * Whether it is an ordinary file.
     *
     * @return true for an ordinary file
     */
    public boolean isRegularFile() {
        return type() == LibC.S_IFREG();
    }

    /**
     * Whether it is a folder.
     *
     * @return true for a folder
     */
    public boolean isDirectory() {
        return type() == LibC.S_IFDIR();
    }

    /**
     * Who may do what.
     *
     * @return the mode without the file's type: 0600
     */
    public int permissions() {
        return mode & PERMISSIONS;
    }

    private int type() {
        return mode & LibC.S_IFMT();
    }
}
