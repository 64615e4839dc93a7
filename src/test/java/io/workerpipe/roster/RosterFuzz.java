package io.workerpipe.roster;

import io.workerpipe.fuzz.FuzzInput;
import io.workerpipe.linux.Proc;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * A roster's file with any bytes and of any length: it is read as it is, or refused with a reason in one line; nobody
 * crashes, hangs, or throws anything else. For a fuzzer; see bench/fuzz.sh.
 */
public final class RosterFuzz {
    private static final Path FOLDER = folder();
    private static final Path GROUP = FOLDER.resolve("g");
    private static final byte[] GOOD = good();
    private static final int MOST_PATCHES = 24;

    private final byte[] image;
    private final TreeSet<Integer> slots = new TreeSet<>();

    private RosterFuzz(byte[] bytes) {
        FuzzInput input = new FuzzInput(bytes);
        int sizes = input.next();
        int size = sizes < 200 ? GOOD.length : input.nextInt() >>> 1 & (1 << (sizes - 199) % 21) - 1;
        image = Arrays.copyOf(GOOD, size);
        slots.add(0);
        for (int i = 0; i < MOST_PATCHES && !input.isUsedUp(); i++) {
            int where = input.next();
            int slot = where % 8;
            long at = where < 64 ? input.next() : RosterLayout.slotAt(slot) + input.nextShort() % RosterLayout.SLOT;
            slots.add(slot);
            byte[] patch = input.take(1 + where % 9);
            for (int j = 0; j < patch.length && at + j < size; j++) {
                image[(int) at + j] = patch[j];
            }
        }
    }

    public static void fuzzerTestOneInput(byte[] bytes) {
        RosterFuzz fuzz = new RosterFuzz(bytes);
        try {
            fuzz.run();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void run() throws IOException {
        write();
        try {
            refusedOr(() -> {
                Optional<Roster> roster = Roster.look(RosterFolder.at(FOLDER), "g");
                if (roster.isPresent()) {
                    try (Roster open = roster.get()) {
                        compare(open);
                    }
                }
            });
            refusedOr(() -> {
                Seat seat = Roster.join(RosterFolder.at(FOLDER), "g", false, "fuzz", 3);
                try (Roster roster = seat.roster(); seat) {
                    seat.publish(1, 0);
                    seat.counters().set(Counter.ALERTS_IN, 7);
                    check(seat.counters().get(Counter.ALERTS_IN) == 7, "a counter that was not set");
                    Entry own = roster.entry(seat.slot()).orElseThrow(() -> new AssertionError("no slot of ours"));
                    check(own.pid() == Proc.pid() && own.label().equals("fuzz") && own.state() == State.LIVE,
                            "ours is " + own);
                    seat.leaving();
                }
            });
            refusedOr(() -> Roster.sweep(RosterFolder.at(FOLDER), "g"));
        } finally {
            clear();
        }
    }

    private void write() throws IOException {
        clear();
        Files.createDirectory(GROUP, PosixFilePermissions
                .asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        Path file = Files.createFile(GROUP.resolve("roster"),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.write(file, image);
    }

    private static void clear() throws IOException {
        if (Files.exists(GROUP)) {
            try (Stream<Path> files = Files.walk(GROUP)) {
                for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            }
        }
    }

    private interface Action {
        void run() throws IOException;
    }

    private static void refusedOr(Action action) throws IOException {
        try {
            action.run();
        } catch (RosterException e) {
            check(e.getMessage() != null && e.getMessage().length() > 20 && !e.getMessage().contains("\n"),
                    "no reason: " + e);
        }
    }

    /** What is read is what lies there. */
    private void compare(Roster roster) throws IOException {
        ByteBuffer table = ByteBuffer.wrap(image).order(ByteOrder.LITTLE_ENDIAN);
        check(roster.epoch() == table.getLong(64), "another epoch");
        for (int slot : slots) {
            int at = 4096 + 512 * slot;
            int word = table.getInt(at);
            long incarnation = table.getLong(at + 16);
            int state = word & 0xff;
            boolean valid = word == 0 || state >= 1 && state <= 4 && word == ((int) incarnation << 8 | state);
            Optional<Entry> entry;
            try {
                entry = roster.entry(slot);
            } catch (RosterException e) {
                check(!valid, "refused: " + e);
                throw e;
            }
            check(valid, "state " + word + " was not refused");
            check(entry.isEmpty() == (word == 0), "free or not");
            if (entry.isPresent()) {
                byte[] label = Arrays.copyOfRange(image, at + 65,
                        at + 65 + Math.min(63, Byte.toUnsignedInt(image[at + 64])));
                long inode = table.getLong(at + 24);
                check(entry.get().equals(new Entry(slot, State.values()[state], table.getInt(at + 4),
                        table.getLong(at + 8), incarnation, inode == 0 ? -1 : table.getInt(at + 32), inode,
                        table.getInt(at + 36), new String(label, StandardCharsets.UTF_8))), "read as " + entry);
                check(roster.counters(slot).get(Counter.BYTES_IN) == table.getLong(at + 264), "another counter");
                gone(entry.get());
            }
        }
        check(roster.all().size() >= roster.live().size(), "more live than there are");
    }

    private static void gone(Entry entry) throws IOException {
        if (entry.isGone()) {
            check(entry.pid() != Proc.pid() || entry.startTime() != Proc.startTime(Proc.pid()) || entry.hasInbox(),
                    "this process is gone");
        }
    }

    private static void check(boolean holds, String what) {
        if (!holds) {
            throw new AssertionError(what);
        }
    }

    /** A worker in slot 1 that is pid 1, and one in slot 2 that is dead. */
    private static byte[] good() {
        try {
            ByteBuffer file = ByteBuffer.allocate((int) RosterLayout.SIZE).order(ByteOrder.LITTLE_ENDIAN);
            Origin here = Origin.here();
            file.putLong(0, RosterLayout.MAGIC).putInt(8, RosterLayout.VERSION).putInt(12, RosterLayout.SLOTS)
                    .put(16, here.bootId().getBytes(StandardCharsets.US_ASCII)).putLong(56, here.pidNamespace())
                    .putLong(64, 7).putLong(136, 3);
            int slot = 4096 + 512;
            file.putInt(slot, SlotTable.word(State.LIVE, 1)).putInt(slot + 4, 1).putLong(slot + 8, Proc.startTime(1))
                    .putLong(slot + 16, 1);
            slot += 512;
            file.putInt(slot, SlotTable.word(State.LIVE, 2)).putInt(slot + 4, 1)
                    .putLong(slot + 8, Proc.startTime(1) + 1)
                    .putLong(slot + 16, 2).putLong(slot + 24, 4711).putInt(slot + 32, 9).putInt(slot + 36, -1)
                    .put(slot + 64, (byte) 4).put(slot + 65, "dead".getBytes(StandardCharsets.US_ASCII));
            return file.array();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Path folder() {
        try {
            Path folder = Files.createTempDirectory("workerpipe-fuzz-");
            folder.toFile().deleteOnExit();
            return folder;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
