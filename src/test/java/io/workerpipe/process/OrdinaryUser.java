package io.workerpipe.process;

import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** A user without any privilege, with a folder of groups of his own. Needs root. */
final class OrdinaryUser {
    /** Nobody else's on a sane machine. */
    static final int UID = 54_321;
    static final int OTHER_UID = 54_322;

    private OrdinaryUser() {}

    /** Where tests cannot become him, they are skipped. */
    static void need() throws Exception {
        Tools.needRoot();
        Tools.need("setpriv", "--reuid=" + UID, "--regid=" + UID, "--clear-groups", "true");
    }

    /** Belongs to a user, closed to others; the folder above can be passed by all. */
    static Path folder(Path path, int uid) throws Exception {
        Files.setPosixFilePermissions(path.getParent(), PosixFilePermissions.fromString("rwx--x--x"));
        Files.createDirectory(path);
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwx------"));
        Files.setAttribute(path, "unix:uid", uid, LinkOption.NOFOLLOW_LINKS);
        Files.setAttribute(path, "unix:gid", uid, LinkOption.NOFOLLOW_LINKS);
        return path;
    }

    /** The words before a command that make it his, with his groups in this folder; and further ones. */
    static String[] words(Path groups, int uid, int gid, String... further) {
        List<String> words = new ArrayList<>(List.of("env", "WORKERPIPE_DIR=" + groups, "setpriv", "--reuid=" + uid,
                "--regid=" + gid, "--clear-groups", "--"));
        words.addAll(Arrays.asList(further));
        return words.toArray(String[]::new);
    }
}
