package io.workerpipe.soak;

import io.workerpipe.process.Journal;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** The journals of one process in one round: one for each of its memberships. Any thread, but for {@link #open}. */
final class Journals {
    static final String SUFFIX = ".journal";

    private final Path folder;
    private final String place;
    private final Map<Long, Journal> byIncarnation = new ConcurrentHashMap<>();
    private volatile int round;
    private int number;

    Journals(Path folder, String place, int round) {
        this.folder = folder;
        this.place = place;
        this.round = round;
    }

    static String prefix(int round) {
        return "round-" + round + "-";
    }

    /** The process that made one. */
    static long pid(Path file) {
        String[] words = file.getFileName().toString().split("-");
        return Long.parseLong(words[words.length - 2]);
    }

    synchronized Journal create() throws IOException {
        return Journal.create(folder.resolve(prefix(round) + place + "-" + ProcessHandle.current().pid() + "-"
                + number++ + SUFFIX));
    }

    void put(long incarnation, Journal journal) {
        byIncarnation.put(incarnation, journal);
    }

    /** Null if this process was never that one, or not in this round. */
    Journal of(long incarnation) {
        return byIncarnation.get(incarnation);
    }

    /** Another round: nobody writes to the old ones any more. */
    void open(int next) {
        byIncarnation.values().forEach(Journal::close);
        byIncarnation.clear();
        round = next;
    }
}
