package io.workerpipe.cli;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.workerpipe.roster.Counter;
import io.workerpipe.roster.Counters;
import io.workerpipe.roster.Entry;
import io.workerpipe.roster.GroupName;
import io.workerpipe.roster.Roster;
import io.workerpipe.roster.RosterFolder;
import java.io.IOException;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code workerpipe ls}. */
@Command(name = "ls", mixinStandardHelpOptions = true, sortOptions = false, description = "Lists the groups of this user and their live workers.", footer = {
        "", "Example:", "  workerpipe ls --group web --json"})
final class Ls implements Callable<Integer> {
    @Option(names = {"-g", "--group"}, paramLabel = "G", description = "Only this group.")
    private String group;

    @Option(names = "--json", description = "A JSON array of objects, with all counters.")
    private boolean json;

    private record Row(String group, Entry entry, Counters counters) {}

    @Override
    public Integer call() throws IOException {
        RosterFolder folder = RosterFolder.ofUser();
        List<String> groups = group == null ? folder.groups() : List.of(GroupName.check(group));
        List<Roster> open = new ArrayList<>();
        try {
            List<Row> rows = new ArrayList<>();
            for (String name : groups) {
                Optional<Roster> roster = Roster.look(folder, name);
                if (roster.isPresent()) {
                    open.add(roster.get());
                    addLive(rows, name, roster.get());
                }
            }
            System.out.print(json ? json(rows) : table(rows));
        } finally {
            for (Roster roster : open) {
                roster.close();
            }
        }
        return 0;
    }

    private static void addLive(List<Row> rows, String name, Roster roster) throws IOException {
        for (Entry entry : roster.live()) {
            // A killed worker stays in the table until another one sees it.
            if (!entry.isGone()) {
                rows.add(new Row(name, entry, roster.counters(entry.slot())));
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
        return text.append('\n').toString();
    }

    private static String camelCase(String constant) {
        StringBuilder name = new StringBuilder();
        for (String word : constant.toLowerCase(java.util.Locale.ROOT).split("_")) {
            name.append(name.isEmpty() ? word : Character.toUpperCase(word.charAt(0)) + word.substring(1));
        }
        return name.toString();
    }

    private static String table(List<Row> rows) {
        if (rows.isEmpty()) {
            return "no live workers\n";
        }
        StringBuilder text = new StringBuilder(
                String.format("%-20s %8s %5s %-16s %12s %12s %10s%n", "GROUP", "PID", "SLOT", "LABEL", "ALERTS IN",
                        "ALERTS OUT", "QUEUED B"));
        for (Row row : rows) {
            text.append(String.format("%-20s %8d %5d %-16s %12d %12d %10d%n", row.group, row.entry.pid(),
                    row.entry.slot(), row.entry.label(), row.counters.get(Counter.ALERTS_IN),
                    row.counters.get(Counter.ALERTS_OUT), row.counters.get(Counter.QUEUED_BYTES)));
        }
        return text.toString();
    }
}
