package io.workerpipe.linux;

import io.workerpipe.linux.gen.Linux;
import io.workerpipe.linux.gen.stat;
import java.lang.foreign.MemorySegment;

/**
 * What fstat(2) says of an open file.
 *
 * @param device device number
 * @param inode  inode number
 * @param mode   type and permissions, as in st_mode
 * @param links  hard links; 0 once it was deleted
 * @param uid    owner
 * @param gid    owning group
 * @param size   bytes
 */
public record FileStatus(long device, long inode, int mode, long links, int uid, int gid, long size) {
    static FileStatus of(MemorySegment segment) {
        return new FileStatus(stat.st_dev(segment), stat.st_ino(segment), stat.st_mode(segment),
                stat.st_nlink(segment), stat.st_uid(segment), stat.st_gid(segment), stat.st_size(segment));
    }

    public boolean isFifo() {
        return (mode & Linux.S_IFMT()) == Linux.S_IFIFO();
    }
}
