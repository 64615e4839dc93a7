package io.workerpipe.roster;

import io.workerpipe.linux.Errno;
import io.workerpipe.linux.Proc;
import io.workerpipe.linux.Shortage;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/**
 * The folder that holds a user's groups: safe for any thread, immutable.
 *
 * <p>It must be on a file system of this machine: processes of two machines cannot be in one group.
 */
public final class RosterFolder {
    /** The environment variable that names the folder. */
    public static final String VARIABLE = "WORKERPIPE_DIR";

    private static final Path SHARED_MEMORY = Path.of("/dev/shm");
    private static final int LOOKS = 10;
    private static final Path TEMPORARY = Path.of("/tmp");
    private static final FileAttribute<Set<PosixFilePermission>> OWNER_ONLY = PosixFilePermissions
            .asFileAttribute(PosixFilePermissions.fromString("rwx------"));

    private final Path path;
    private final boolean given;
    private final int uid;

    private RosterFolder(Path path, boolean given, int uid) {
        this.path = path;
        this.given = given;
        this.uid = uid;
    }

    /**
     * The folder of this user: {@code WORKERPIPE_DIR} if that is set and not empty, else
     * {@code /dev/shm/workerpipe-UID}, else, where /dev/shm cannot be written, {@code /tmp/workerpipe-UID}. Nothing
     * that differs between the processes of a user on this machine has a say. Nothing is created or checked yet.
     *
     * @return the folder
     * @throws RosterException if {@code WORKERPIPE_DIR} is a relative path, or /proc is not there
     */
    public static RosterFolder ofUser() throws RosterException {
        String variable = System.getenv(VARIABLE);
        int uid = currentUser();
        Path path = resolve(variable, uid, folder -> Files.isDirectory(folder) && Files.isWritable(folder));
        return new RosterFolder(path, isSet(variable), uid);
    }

    /**
     * A folder of the caller's choice; it is never removed.
     *
     * @param path where; the folder above it must exist
     * @return the folder
     * @throws RosterException if /proc is not there
     */
    public static RosterFolder at(Path path) throws RosterException {
        return new RosterFolder(path.toAbsolutePath(), true, currentUser());
    }

    /** The same, but removed when it is empty, as the one of {@link #ofUser} is that nobody chose. */
    static RosterFolder removable(Path path) throws RosterException {
        return new RosterFolder(path.toAbsolutePath(), false, currentUser());
    }

    static Path resolve(String variable, int uid, Predicate<Path> writable) throws RosterException {
        if (isSet(variable)) {
            Path path = Path.of(variable);
            if (!path.isAbsolute()) {
                throw new RosterException(VARIABLE + " is \"" + variable + "\": expected an absolute path, the same for"
                        + " every process of the group; set it to one, or unset it");
            }
            return path.normalize();
        }
        // A folder of the wrong owner in /dev/shm is refused later, not evaded: evading would split the group.
        return (writable.test(SHARED_MEMORY) ? SHARED_MEMORY : TEMPORARY)
                .resolve("workerpipe-" + Integer.toUnsignedString(uid));
    }

    /**
     * Where the folder is, or will be.
     *
     * @return an absolute path
     */
    public Path path() {
        return path;
    }

    /**
     * The groups that have a roster here, some of which may have no live worker any more.
     *
     * @return their names, sorted
     * @throws RosterException if the folder cannot be trusted or read
     */
    public List<String> groups() throws RosterException {
        if (!check()) {
            return List.of();
        }
        List<String> names = new ArrayList<>();
        try (DirectoryStream<Path> folders = Files.newDirectoryStream(path)) {
            for (Path folder : folders) {
                String name = folder.getFileName().toString();
                if (GroupName.isValid(name)
                        && Files.exists(new GroupFolder(this, name).roster(), LinkOption.NOFOLLOW_LINKS)) {
                    names.add(name);
                }
            }
        } catch (NoSuchFileException e) {
            return List.of();
        } catch (DirectoryIteratorException e) {
            throw unlistable(e.getCause());
        } catch (IOException e) {
            throw unlistable(e);
        }
        names.sort(null);
        return names;
    }

    private RosterException unlistable(IOException e) {
        return new RosterException("cannot list " + path + " (" + reason(e) + "): expected a folder that user " + uid
                + " may read; " + remedy(e), e);
    }

    /** Whether the folder came from outside, so that it is not ours to remove. */
    boolean given() {
        return given;
    }

    int uid() {
        return uid;
    }

    /** Creates the folder if it is missing; false if it vanished again meanwhile. */
    boolean prepare() throws RosterException {
        create(path);
        return check();
    }

    /** Whether the folder is there; one that cannot be trusted is refused. */
    boolean check() throws RosterException {
        return check(path);
    }

    boolean check(Path folder) throws RosterException {
        Optional<PathStatus> status = PathStatus.of(folder);
        if (status.isEmpty()) {
            return false;
        }
        status.get().requireFolder(uid, remedy());
        // Others may remove it and make it anew between two looks: only what stays is believed.
        for (int look = 0; !Files.isWritable(folder); look++) {
            if (Files.notExists(folder, LinkOption.NOFOLLOW_LINKS)) {
                return false;
            }
            if (look == LOOKS) {
                throw new RosterException(folder + " is not writable: expected a folder that user " + uid
                        + " may write, on a file system that is not read-only; " + remedy());
            }
        }
        return true;
    }

    void create(Path folder) throws RosterException {
        try {
            Files.createDirectory(folder, OWNER_ONLY);
        } catch (FileAlreadyExistsException e) {
            // What is there is looked at by check().
        } catch (NoSuchFileException e) {
            if (folder.equals(path)) {
                throw new RosterException("cannot create " + path + ": " + path.getParent() + " does not exist,"
                        + " expected a folder; create it, or set " + VARIABLE + " to another one", e);
            }
            // The folder above a group's was removed by the last one to leave: check() says so.
        } catch (IOException e) {
            throw new RosterException("cannot create " + folder + " (" + reason(e) + "): expected that user " + uid
                    + " may create it; " + remedy(e), e);
        }
    }

    /** What to do about a failure: when something has run out, nothing is wrong with the folder. */
    String remedy(IOException e) {
        int errno = Shortage.errno(e);
        String advice = Shortage.advice(errno);
        if (errno == Errno.ENOSPC || errno == Errno.EDQUOT) {
            return advice + ", or set " + VARIABLE + " to another folder";
        }
        return advice.isEmpty() ? remedy() : advice;
    }

    /** What the system said, without the path, which our message has. */
    static String reason(IOException e) {
        return e instanceof FileSystemException f && f.getReason() != null ? f.getReason() : e.toString();
    }

    String remedy() {
        return "set it right, remove it, or set " + VARIABLE + " to another folder";
    }

    @Override
    public String toString() {
        return path.toString();
    }

    private static boolean isSet(String variable) {
        return variable != null && !variable.isEmpty();
    }

    private static int currentUser() throws RosterException {
        try {
            return Proc.uid();
        } catch (IOException e) {
            throw new RosterException(e.getMessage(), e);
        }
    }
}
