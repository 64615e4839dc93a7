package io.workerpipe.cli;

import io.workerpipe.Alert;
import java.io.IOException;

/** Shows an alert on standard output. Used by one thread at a time. */
interface AlertPrinter {
    /** @throws IOException if nobody reads the output any more */
    void print(Alert alert) throws IOException;
}
