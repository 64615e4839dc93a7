package io.workerpipe.cli;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.workerpipe.roster.Counter;
import io.workerpipe.roster.Counters;
import io.workerpipe.roster.Entry;
import io.workerpipe.roster.GroupName;
import io.workerpipe.roster.Roster;
import io.workerpipe.roster.RosterException;
import io.workerpipe.roster.RosterFolder;
import java.io.IOException;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code workerpipe ls}. */
@Command(name = "ls", mixinStandardHelpOptions = true, sortOptions = false, description = "Lists the groups of this user and their live workers.", footer = {
        "", "Examples:", "  workerpipe ls", "  workerpipe ls --group web --json"})
final class Ls implements Callable<Integer> {
    @Option(names = {"-g", "--group"}, paramLabel = "G", description = "Only this group.")
    private String group;

    @Option(names = "--json", description = "A JSON array of objects, with all counters.")
    private boolean json;

    private record Row(String group, Entry entry, Map<Counter, Long> counters) {
        /** With the counters as they are now: they go with their roster. */
        static Row of(String group, Entry entry, Counters counters) {
            Map<Counter, Long> now = new EnumMap<>(Counter.class);
            for (Counter counter : Counter.values()) {
                now.put(counter, counters.get(counter));
            }
            return new Row(group, entry, now);
        }
    }

    @Override
    public Integer call() throws IOException {
        RosterFolder folder = RosterFolder.ofUser();
        List<String> groups = group == null ? folder.groups() : List.of(GroupName.check(group));
        List<Row> rows = new ArrayList<>();
        List<RosterException> refused = new ArrayList<>();
        for (String name : groups) {
            try {
                addLive(rows, folder, name);
            } catch (RosterException e) {
                // One that is broken does not hide the others.
                if (groups.size() == 1) {
                    throw e;
                }
                refused.add(e);
            }
        }
        Output.line(json ? json(rows) : table(rows));
        refused.forEach(e -> System.err.println("workerpipe: " + e.getMessage()));
        return refused.isEmpty() ? CommandLine.ExitCode.OK : CommandLine.ExitCode.SOFTWARE;
    }

    private static void addLive(List<Row> rows, RosterFolder folder, String name) throws IOException {
        Optional<Roster> found = Roster.look(folder, name);
        if (found.isEmpty()) {
            return;
        }
        try (Roster roster = found.get()) {
            for (Entry entry : roster.live()) {
                // A killed worker stays in the table until another one sees it.
                if (!entry.isGone()) {
                    rows.add(Row.of(name, entry, roster.counters(entry.slot())));
                }
            }
        }
    }

    private static String json(List<Row> rows) throws IOException {
        StringWriter text = new StringWriter();
        try (JsonGenerator json = new JsonFactory().createGenerator(text).useDefaultPrettyPrinter()) {
            json.writeStartArray();
            for (Row row : rows) {
                json.writeStartObject();
                json.writeStringField("group", row.group);
                json.writeNumberField("pid", row.entry.pid());
                json.writeNumberField("slot", row.entry.slot());
                json.writeStringField("label", row.entry.label());
                json.writeNumberField("index", row.entry.index());
                json.writeNumberField("incarnation", row.entry.incarnation());
                json.writeNumberField("inboxFd", row.entry.inboxFd());
                json.writeNumberField("inboxInode", row.entry.inboxInode());
                for (Counter counter : Counter.values()) {
                    json.writeNumberField(camelCase(counter.name()), row.counters.get(counter));
                }
                json.writeEndObject();
            }
            json.writeEndArray();
        }
        return text.toString();
    }

    private static String camelCase(String constant) {
        StringBuilder name = new StringBuilder();
        for (String word : constant.toLowerCase(Locale.ROOT).split("_")) {
            name.append(name.isEmpty() ? word : Character.toUpperCase(word.charAt(0)) + word.substring(1));
        }
        return name.toString();
    }

    private static String table(List<Row> rows) {
        if (rows.isEmpty()) {
            return "no live workers";
        }
        int group = rows.stream().mapToInt(row -> row.group.length()).max().orElse(0);
        int label = rows.stream().mapToInt(row -> row.entry.label().length()).max().orElse(0);
        String format = "%-" + Math.max(5, group) + "s %8s %5s %-" + Math.max(5, label) + "s %12s %12s %12s";
        StringBuilder text = new StringBuilder(
                String.format(format, "GROUP", "PID", "SLOT", "LABEL", "ALERTS IN", "ALERTS OUT", "QUEUED BYTES"));
        for (Row row : rows) {
            text.append('\n').append(OneLine.of(String.format(format, row.group, row.entry.pid(), row.entry.slot(),
                    row.entry.label(), row.counters.get(Counter.ALERTS_IN), row.counters.get(Counter.ALERTS_OUT),
                    row.counters.get(Counter.QUEUED_BYTES))));
        }
        return text.toString();
    }
}
