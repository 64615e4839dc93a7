package io.workerpipe.cli;

import io.workerpipe.Alert;
import java.io.IOException;
import java.util.Optional;

/** A line for people: who, name, and the text or the length of the data. */
final class TextPrinter implements AlertPrinter {
    @Override
    public void print(Alert alert) throws IOException {
        Optional<String> text = AlertText.of(alert);
        System.out.println(
                alert.sender() + " " + alert.name() + ": "
                        + text.map(TextPrinter::oneLine).orElse(alert.length() + " bytes"));
        if (System.out.checkError()) {
            throw new IOException("standard output is closed");
        }
    }

    /** What comes from another process must not move the cursor of this terminal. */
    static String oneLine(String text) {
        StringBuilder line = new StringBuilder(text.length());
        text.codePoints().forEach(c -> {
            if (Character.isISOControl(c)) {
                line.append(c == '\n' ? "\\n" : c == '\t' ? "\\t" : String.format("\\x%02x", c));
            } else {
                line.appendCodePoint(c);
            }
        });
        return line.toString();
    }
}
