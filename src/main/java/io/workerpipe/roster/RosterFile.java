package io.workerpipe.roster;

import static io.workerpipe.roster.RosterLayout.BOOT_ID_AT;
import static io.workerpipe.roster.RosterLayout.BOOT_ID_LENGTH;
import static io.workerpipe.roster.RosterLayout.HEADER;
import static io.workerpipe.roster.RosterLayout.MAGIC;
import static io.workerpipe.roster.RosterLayout.MAGIC_AT;
import static io.workerpipe.roster.RosterLayout.NAMESPACE_AT;
import static io.workerpipe.roster.RosterLayout.NEXT_INCARNATION_AT;
import static io.workerpipe.roster.RosterLayout.REMOVED_AT;
import static io.workerpipe.roster.RosterLayout.SIZE;
import static io.workerpipe.roster.RosterLayout.SLOTS;
import static io.workerpipe.roster.RosterLayout.SLOTS_AT;
import static io.workerpipe.roster.RosterLayout.VERSION;
import static io.workerpipe.roster.RosterLayout.VERSION_AT;

import java.io.FileOutputStream;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.Set;

/**
 * A roster's file, mapped until closed: safe for any thread.
 *
 * <p>What is found at its place is judged before it is mapped. A roster of another boot, or one marked as removed, has
 * no live owner and gives way to a new one, whatever else is wrong with it. Anything else that is not as it should be is
 * refused with the reason and never replaced: its owners may be alive, and a second roster would split the group.
 */
final class RosterFile implements AutoCloseable {
    private final GroupFolder group;
    private final PathStatus status;
    private final Arena arena;
    private final MemorySegment memory;

    private RosterFile(GroupFolder group, PathStatus status, Arena arena, MemorySegment memory) {
        this.group = group;
        this.status = status;
        this.arena = arena;
        this.memory = memory;
    }

    /** Maps the group's roster, which is created if there is none of this boot; under the lock. */
    static RosterFile openOrCreate(GroupFolder group, Origin here) throws RosterException {
        Optional<RosterFile> found = open(group, here, MapMode.READ_WRITE);
        if (found.isPresent()) {
            return found.get();
        }
        create(group, here);
        try {
            return open(group, here, MapMode.READ_WRITE).orElseThrow(() -> new RosterException(
                    group.roster() + " vanished while it was made: expected nobody to remove it; start again"));
        } catch (RosterException e) {
            // Nobody has seen it: we have the lock.
            try {
                group.remove();
            } catch (RosterException second) {
                e.addSuppressed(second);
            }
            throw e;
        }
    }

    /** Maps the group's roster if there is one of this boot; for writing under the lock, for reading without. */
    static Optional<RosterFile> open(GroupFolder group, Origin here, MapMode mode) throws RosterException {
        Path path = group.roster();
        Optional<PathStatus> status = PathStatus.of(path);
        if (status.isEmpty()) {
            return Optional.empty();
        }
        status.get().requireFile(group.base().uid(), group.base().remedy());
        Set<OpenOption> options = mode == MapMode.READ_WRITE
                ? Set.of(StandardOpenOption.READ, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS)
                : Set.of(StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS);
        try {
            return Uninterrupted.run(() -> map(group, here, mode, status.get(), options));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (RosterException e) {
            throw e;
        } catch (IOException e) {
            throw new RosterException("cannot map " + path + " (" + RosterFolder.reason(e) + "): expected a file of "
                    + SIZE + " bytes that this user may write; " + group.base().remedy(e), e);
        }
    }

    private static Optional<RosterFile> map(GroupFolder group, Origin here, MapMode mode, PathStatus status,
            Set<OpenOption> options) throws IOException {
        try (FileChannel file = FileChannel.open(group.roster(), options)) {
            if (!isCurrent(group, header(file), file.size(), here)) {
                return Optional.empty();
            }
            Arena arena = Arena.ofShared();
            try {
                return Optional.of(new RosterFile(group, status, arena, file.map(mode, 0, SIZE, arena)));
            } catch (IOException | RuntimeException e) {
                arena.close();
                throw e;
            }
        }
    }

    /** False for a roster that nobody can be using; refuses one that cannot be used, but might be in use. */
    static boolean isCurrent(GroupFolder group, ByteBuffer header, long size, Origin here)
            throws RosterException {
        Path path = group.roster();
        if (header.limit() < NAMESPACE_AT || header.getLong((int) MAGIC_AT) != MAGIC) {
            throw new RosterException(path + " is not a roster, or is damaged (" + size
                    + " bytes): expected the file of a group, " + SIZE + " bytes; " + startAnew(group));
        }
        if (!bootId(header).equals(here.bootId())) {
            return false;
        }
        int version = header.getInt((int) VERSION_AT);
        if (version != VERSION) {
            throw new RosterException(path + " is a roster of version " + version + ": expected version " + VERSION
                    + "; use the same version of Workerpipe in all workers of the group, or another group");
        }
        // The size is asked for later: what was short when it was read may be long enough by now.
        if (size != SIZE || header.limit() != HEADER || header.getInt((int) SLOTS_AT) != SLOTS) {
            throw wrongSize(group, size);
        }
        long namespace = header.getLong((int) NAMESPACE_AT);
        if (namespace != here.pidNamespace()) {
            throw new RosterException(path + " belongs to the pid namespace " + namespace
                    + ": expected that of this process, " + here.pidNamespace()
                    + ", because pids mean something only in one; put all workers of the group into one container, or"
                    + " set " + RosterFolder.VARIABLE + " to another folder, or, if the other one has ended, remove "
                    + group.path());
        }
        return header.getInt((int) REMOVED_AT) == 0;
    }

    /** Written as zeros to the last byte, so that a full file system says so now and not by a fault in the map. */
    private static void create(GroupFolder group, Origin here) throws RosterException {
        Path fresh = group.unfinishedRoster();
        try {
            write(fresh, here);
            Files.move(fresh, group.roster(), StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            RosterException failure = new RosterException("cannot create " + group.roster() + " ("
                    + RosterFolder.reason(e) + "): expected room for " + SIZE
                    + " bytes in a folder that this user may write; " + group.base().remedy(e), e);
            discard(group, failure);
            throw failure;
        }
    }

    /** By a stream: an interrupt would close a channel each time, and it would all be written again. */
    private static void write(Path fresh, Origin here) throws IOException {
        Files.deleteIfExists(fresh);
        Files.createFile(fresh, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        try (FileOutputStream file = new FileOutputStream(fresh.toFile())) {
            file.write(newHeader(here).array());
            file.write(new byte[(int) SIZE - HEADER]);
            // On a disk the name may outlive a loss of power and the bytes not.
            file.getFD().sync();
        }
    }

    /** Leaves nothing of an attempt that failed. */
    private static void discard(GroupFolder group, RosterException failure) {
        try {
            if (PathStatus.of(group.roster()).isEmpty()) {
                group.remove();
            }
        } catch (RosterException e) {
            failure.addSuppressed(e);
        }
    }

    private static ByteBuffer newHeader(Origin here) {
        ByteBuffer header = ByteBuffer.allocate(HEADER).order(ByteOrder.LITTLE_ENDIAN);
        header.putLong((int) MAGIC_AT, MAGIC).putInt((int) VERSION_AT, VERSION).putInt((int) SLOTS_AT, SLOTS);
        header.put((int) BOOT_ID_AT, here.bootId().getBytes(StandardCharsets.US_ASCII));
        header.putLong((int) NAMESPACE_AT, here.pidNamespace()).putLong((int) NEXT_INCARNATION_AT, 1L);
        return header;
    }

    private static String bootId(ByteBuffer header) {
        byte[] text = new byte[BOOT_ID_LENGTH];
        header.get((int) BOOT_ID_AT, text);
        return new String(text, StandardCharsets.US_ASCII).replace("\0", "");
    }

    /** The first page, or what there is of it. */
    private static ByteBuffer header(FileChannel file) throws IOException {
        ByteBuffer header = ByteBuffer.allocate(HEADER).order(ByteOrder.LITTLE_ENDIAN);
        while (header.hasRemaining() && file.read(header, header.position()) >= 0) {
            continue;
        }
        return header.flip();
    }

    MemorySegment memory() {
        return memory;
    }

    /** Whether the file is still the one at its place: not removed, not replaced. */
    boolean isInPlace() throws RosterException {
        return PathStatus.of(group.roster()).filter(this::isThis).isPresent();
    }

    /**
     * Refuses a file that was made shorter after it was mapped.
     *
     * <p>Compiled code that touches the part cut off reads anything, and the JVM throws the {@link InternalError} some
     * time later, at the latest on the way back from a native method: such as the one called here.
     */
    void requireWhole() throws RosterException {
        Optional<PathStatus> now;
        try {
            now = PathStatus.of(group.roster()).filter(this::isThis);
        } catch (RosterException e) {
            // Not to be reached for a while, which says nothing of what is mapped.
            return;
        }
        if (now.isPresent() && now.get().size() != SIZE) {
            throw wrongSize(group, now.get().size());
        }
    }

    /**
     * Says in our words what the JVM says when a mapped file was made shorter, or its device fails. Where in the code the
     * error comes out is up to the JVM: the length is asked for here, so that the reason is the same from everywhere.
     */
    RosterException explain(InternalError error) {
        try {
            requireWhole();
        } catch (RosterException e) {
            e.initCause(error);
            return e;
        }
        return new RosterException(group.roster() + " cannot be read any more (" + error.getMessage()
                + "): expected that nobody shortens the file and its device works; " + startAnew(group), error);
    }

    @Override
    public void close() {
        arena.close();
    }

    private boolean isThis(PathStatus other) {
        return other.isSameFile(status.device(), status.inode());
    }

    private static RosterException wrongSize(GroupFolder group, long size) {
        return new RosterException(group.roster() + " is " + size + " bytes long: expected " + SIZE
                + ", so something else has written to it; " + startAnew(group));
    }

    private static String startAnew(GroupFolder group) {
        return "stop all workers of the group, remove " + group.path() + " and start them again";
    }
}
