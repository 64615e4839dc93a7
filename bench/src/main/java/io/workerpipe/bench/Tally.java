package io.workerpipe.bench;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** All results so far, in the order in which they first came, and what went wrong. Used by one thread. */
final class Tally {
    private record Key(String contest, String system, String metric) {}

    private final Map<Key, Result> results = new LinkedHashMap<>();
    private final List<String> flaws = new ArrayList<>();
    private final List<String> notes = new ArrayList<>();

    void add(String contest, String system, int round, Reading reading) {
        results.computeIfAbsent(new Key(contest, system, reading.metric()),
                key -> new Result(contest, system, reading.metric(), reading.unit())).add(round, reading.value());
    }

    void flaw(String contest, String system, String what) {
        flaws.add(contest + ", " + system + ": " + what);
    }

    void note(String contest, String what) {
        notes.add(contest + ": " + what);
    }

    List<String> notes() {
        return notes;
    }

    List<Result> results() {
        return List.copyOf(results.values());
    }

    List<String> flaws() {
        return flaws;
    }
}
