package io.workerpipe.bench;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** {@code results.json}: an array of objects with case, system, metric, unit, runs, median. */
final class ResultsFile {
    private ResultsFile() {}

    static void write(Path file, List<Result> results) throws IOException {
        try (Writer writer = Files.newBufferedWriter(file);
                JsonGenerator json = new JsonFactory().createGenerator(writer).useDefaultPrettyPrinter()) {
            json.writeStartArray();
            for (Result result : results) {
                json.writeStartObject();
                json.writeStringField("case", result.contest);
                json.writeStringField("system", result.system);
                json.writeStringField("metric", result.metric);
                json.writeStringField("unit", result.unit);
                json.writeArrayFieldStart("runs");
                for (double run : result.runs()) {
                    json.writeNumber(run);
                }
                json.writeEndArray();
                json.writeNumberField("median", result.median());
                json.writeEndObject();
            }
            json.writeEndArray();
            json.writeRaw('\n');
        }
    }
}
