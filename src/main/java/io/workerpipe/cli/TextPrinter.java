package io.workerpipe.cli;

import io.workerpipe.Alert;
import io.workerpipe.Loss;
import java.io.IOException;

/** A line for people: who, name, and the text or the length of the data. */
final class TextPrinter implements AlertPrinter {
    @Override
    public void print(Alert alert, String savedAs) throws IOException {
        Output.line(OneLine.of(alert.sender() + " " + alert.name() + ": "
                + AlertText.of(alert).orElseGet(() -> Quantity.bytes(alert.length()))
                + (savedAs == null ? "" : " -> " + savedAs)));
    }

    @Override
    public void lost(Loss loss) throws IOException {
        Output.line(OneLine.of(loss.sender() + " has dropped " + Quantity.alerts(loss.count()) + " here"));
    }
}
