package io.workerpipe.cli;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import io.workerpipe.doctor.Doctor;
import io.workerpipe.doctor.Finding;
import io.workerpipe.doctor.Finding.Level;
import java.io.IOException;
import java.io.StringWriter;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code workerpipe doctor}. */
@Command(name = "doctor", mixinStandardHelpOptions = true, sortOptions = false, description = "Checks this machine and this user's groups, and says what to do; changes nothing.", footer = {
        "", "Run it as the user, and in the container, that the workers run in. The exit",
        "code is 1 if a check fails; warnings leave it 0.", "", "Examples:",
        "  workerpipe doctor", "  workerpipe doctor --group web --json | jq '.[] | select(.level != \"OK\")'"})
final class DoctorCommand implements Callable<Integer> {
    @Mixin
    private OneGroupOption only;

    @Option(names = "--json", description = "A JSON array of objects: check, level (OK, WARN or FAIL), found, advice.")
    private boolean json;

    @Override
    public Integer call() throws IOException {
        List<Finding> findings = Doctor.examine(only.group);
        Output.line(json ? json(findings) : text(findings));
        return count(findings, Level.FAIL) == 0 ? CommandLine.ExitCode.OK : CommandLine.ExitCode.SOFTWARE;
    }

    private static String text(List<Finding> findings) {
        StringBuilder text = new StringBuilder();
        int width = findings.stream().mapToInt(each -> each.subject().length()).max().orElse(0);
        for (Finding each : findings) {
            text.append(OneLine.of(
                    String.format("%-4s  %-" + width + "s  %s", each.level(), each.subject(), each.found())))
                    .append('\n');
            if (!each.advice().isEmpty()) {
                text.append(" ".repeat(width + 8)).append("-> ").append(OneLine.of(each.advice())).append('\n');
            }
        }
        return text.append(count(findings, Level.OK)).append(" OK, ").append(count(findings, Level.WARN))
                .append(" WARN, ").append(count(findings, Level.FAIL)).append(" FAIL").toString();
    }

    private static long count(List<Finding> findings, Level level) {
        return findings.stream().filter(each -> each.level() == level).count();
    }

    private static String json(List<Finding> findings) throws IOException {
        StringWriter text = new StringWriter();
        try (JsonGenerator json = new JsonFactory().createGenerator(text)) {
            json.setPrettyPrinter(new DefaultPrettyPrinter());
            json.writeStartArray();
            for (Finding each : findings) {
                json.writeStartObject();
                json.writeStringField("check", each.subject());
                json.writeStringField("level", each.level().name());
                json.writeStringField("found", each.found());
                json.writeStringField("advice", each.advice());
                json.writeEndObject();
            }
            json.writeEndArray();
        }
        return text.toString();
    }
}
