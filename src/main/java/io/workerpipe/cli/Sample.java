package io.workerpipe.cli;

import com.fasterxml.jackson.core.JsonGenerator;
import io.workerpipe.roster.Counter;
import io.workerpipe.roster.Counters;
import io.workerpipe.roster.Entry;
import java.io.IOException;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;

/** A worker and its counters at one moment: they go with their roster. */
record Sample(String group, Entry entry, Map<Counter, Long> counters) {
    static Sample of(String group, Entry entry, Counters counters) {
        Map<Counter, Long> now = new EnumMap<>(Counter.class);
        for (Counter counter : Counter.values()) {
            now.put(counter, counters.get(counter));
        }
        return new Sample(group, entry, now);
    }

    long get(Counter counter) {
        return counters.get(counter);
    }

    /** Whether the other is of the same worker, whatever was counted in between. */
    boolean isOf(Sample other) {
        return entry.slot() == other.entry.slot() && entry.incarnation() == other.entry.incarnation()
                && group.equals(other.group);
    }

    /** Who it is, as fields of an object that is open. */
    void writeWorker(JsonGenerator json) throws IOException {
        json.writeStringField("group", group);
        json.writeNumberField("pid", entry.pid());
        json.writeNumberField("slot", entry.slot());
        json.writeStringField("label", entry.label());
        json.writeNumberField("index", entry.index());
        json.writeNumberField("incarnation", entry.incarnation());
        json.writeNumberField("inboxFd", entry.inboxFd());
        json.writeNumberField("inboxInode", entry.inboxInode());
    }

    /** All counters, as fields of an object that is open. */
    void writeCounters(JsonGenerator json) throws IOException {
        for (Counter counter : Counter.values()) {
            json.writeNumberField(nameOf(counter), get(counter));
        }
    }

    /** {@code alertsIn} for {@code ALERTS_IN}. */
    static String nameOf(Counter counter) {
        StringBuilder name = new StringBuilder();
        for (String word : counter.name().toLowerCase(Locale.ROOT).split("_")) {
            name.append(name.isEmpty() ? word : Character.toUpperCase(word.charAt(0)) + word.substring(1));
        }
        return name.toString();
    }
}
