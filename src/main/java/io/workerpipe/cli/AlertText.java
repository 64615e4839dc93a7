package io.workerpipe.cli;

import io.workerpipe.Alert;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** The data of an alert as text, where it is text. */
final class AlertText {
    private static final int LONGEST = 4096;

    private AlertText() {}

    /** Empty where the data is no UTF-8, or has more than 4,096 bytes. */
    static Optional<String> of(Alert alert) {
        if (alert.length() > LONGEST) {
            return Optional.empty();
        }
        try {
            return Optional.of(StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(alert.bytes())).toString());
        } catch (CharacterCodingException e) {
            return Optional.empty();
        }
    }
}
