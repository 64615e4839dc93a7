package io.workerpipe.cli;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import io.workerpipe.roster.Entry;
import io.workerpipe.roster.GroupName;
import io.workerpipe.roster.Roster;
import io.workerpipe.roster.RosterException;
import io.workerpipe.roster.RosterFolder;
import java.io.IOException;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The live workers of this user's groups at one moment. Only read from the rosters: it takes no lock, and no worker does
 * anything for it.
 *
 * @param nanos   when, on the clock of {@link System#nanoTime}
 * @param samples by group, then slot
 * @param refused the groups that could not be read, and why
 */
record Survey(long nanos, List<Sample> samples, List<RosterException> refused) {
    /** How one of them becomes the fields of a JSON object. */
    interface Fields {
        void write(JsonGenerator json, Sample sample) throws IOException;
    }

    /**
     * Looks.
     *
     * @param group only this one; null for all
     * @throws RosterException          if the folder, or the only group there is, cannot be read
     * @throws IllegalArgumentException if it is no name for a group
     */
    static Survey take(String group) throws IOException {
        RosterFolder folder = RosterFolder.ofUser();
        List<String> groups = group == null ? folder.groups() : List.of(GroupName.check(group));
        List<Sample> samples = new ArrayList<>();
        List<RosterException> refused = new ArrayList<>();
        long nanos = System.nanoTime();
        for (String name : groups) {
            try {
                addLive(samples, folder, name);
            } catch (RosterException e) {
                // One that is broken does not hide the others.
                if (groups.size() == 1) {
                    throw e;
                }
                refused.add(e);
            }
        }
        return new Survey(nanos, samples, refused);
    }

    private static void addLive(List<Sample> samples, RosterFolder folder, String name) throws IOException {
        Optional<Roster> found = Roster.look(folder, name);
        if (found.isEmpty()) {
            return;
        }
        try (Roster roster = found.get()) {
            for (Entry entry : roster.live()) {
                // A killed worker stays in the table until another one sees it.
                if (!Roster.isGone(entry)) {
                    samples.add(sample(roster, name, entry));
                }
            }
        }
    }

    private static Sample sample(Roster roster, String name, Entry entry) throws RosterException {
        try {
            return Sample.of(name, entry, roster.counters(entry.slot()));
        } catch (InternalError e) {
            throw roster.explain(e);
        }
    }

    /** A JSON array with an object a worker. */
    String json(boolean pretty, Fields fields) throws IOException {
        StringWriter text = new StringWriter();
        try (JsonGenerator json = new JsonFactory().createGenerator(text)) {
            if (pretty) {
                json.setPrettyPrinter(new DefaultPrettyPrinter());
            }
            json.writeStartArray();
            for (Sample sample : samples) {
                json.writeStartObject();
                sample.writeWorker(json);
                fields.write(json, sample);
                json.writeEndObject();
            }
            json.writeEndArray();
        }
        return text.toString();
    }

    /** Says on standard error what could not be read. */
    void complain() {
        refused.forEach(e -> System.err.println("workerpipe: " + e.getMessage()));
    }
}
