package io.workerpipe.cli;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.workerpipe.Alert;
import io.workerpipe.Loss;
import java.io.IOException;
import java.io.StringWriter;
import java.lang.foreign.MemorySegment;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** A JSON object a line. */
final class JsonPrinter implements AlertPrinter {
    /** A buffer cannot be longer than an int; much shorter ones do as well. */
    private static final long PIECE = 16 << 20;

    private final JsonFactory factory = new JsonFactory();
    private final MessageDigest sha256;

    JsonPrinter() {
        try {
            sha256 = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java has SHA-256", e);
        }
    }

    @Override
    public void print(Alert alert, String savedAs) throws IOException {
        StringWriter line = new StringWriter();
        try (JsonGenerator json = factory.createGenerator(line)) {
            json.writeStartObject();
            json.writeNumberField("sender", alert.senderPid());
            json.writeStringField("name", alert.name());
            json.writeNumberField("length", alert.length());
            json.writeStringField("sha256", digest(alert.data()));
            String text = AlertText.of(alert).orElse(null);
            if (text != null) {
                json.writeStringField("text", text);
            }
            if (savedAs != null) {
                json.writeStringField("file", savedAs);
            }
            json.writeEndObject();
        }
        Output.line(line.toString());
    }

    @Override
    public void lost(Loss loss) throws IOException {
        StringWriter line = new StringWriter();
        try (JsonGenerator json = factory.createGenerator(line)) {
            json.writeStartObject();
            json.writeNumberField("sender", loss.sender().pid());
            json.writeNumberField("dropped", loss.count());
            json.writeEndObject();
        }
        Output.line(line.toString());
    }

    private String digest(MemorySegment data) {
        for (long from = 0; from < data.byteSize(); from += PIECE) {
            sha256.update(data.asSlice(from, Math.min(PIECE, data.byteSize() - from)).asByteBuffer());
        }
        return HexFormat.of().formatHex(sha256.digest());
    }
}
