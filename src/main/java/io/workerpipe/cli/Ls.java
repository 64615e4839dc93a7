package io.workerpipe.cli;

import com.fasterxml.jackson.core.JsonGenerator;
import io.workerpipe.roster.Counter;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code workerpipe ls}. */
@Command(name = "ls", mixinStandardHelpOptions = true, sortOptions = false, description = "Lists the groups of this user and their live workers.", footer = {
        "", "Examples:", "  workerpipe ls", "  workerpipe ls --group web --json"})
final class Ls implements Callable<Integer> {
    @Mixin
    private OneGroupOption only;

    @Option(names = "--json", description = "A JSON array of objects, with all counters.")
    private boolean json;

    @Override
    public Integer call() throws IOException {
        Survey survey = Survey.take(only.group);
        Output.line(json ? survey.json(true, Ls::writeCounters) : table(survey.samples()));
        survey.complain();
        return survey.refused().isEmpty() ? CommandLine.ExitCode.OK : CommandLine.ExitCode.SOFTWARE;
    }

    private static void writeCounters(JsonGenerator json, Sample sample) throws IOException {
        sample.writeCounters(json);
    }

    private static String table(List<Sample> samples) {
        if (samples.isEmpty()) {
            return NoWorker.TEXT;
        }
        int group = samples.stream().mapToInt(each -> each.group().length()).max().orElse(0);
        int label = samples.stream().mapToInt(each -> each.entry().label().length()).max().orElse(0);
        String format = "%-" + Math.max(5, group) + "s %8s %5s %-" + Math.max(5, label) + "s %12s %12s %12s";
        StringBuilder text = new StringBuilder(
                String.format(format, "GROUP", "PID", "SLOT", "LABEL", "ALERTS IN", "ALERTS OUT", "QUEUED BYTES"));
        for (Sample each : samples) {
            text.append('\n')
                    .append(OneLine.of(String.format(format, each.group(), each.entry().pid(), each.entry().slot(),
                            each.entry().label(), each.get(Counter.ALERTS_IN), each.get(Counter.ALERTS_OUT),
                            each.get(Counter.QUEUED_BYTES))));
        }
        return text.toString();
    }
}
