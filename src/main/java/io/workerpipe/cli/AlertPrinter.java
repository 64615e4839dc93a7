package io.workerpipe.cli;

import io.workerpipe.Alert;
import java.io.IOException;

/** Shows an alert on standard output. Used by one thread at a time. */
interface AlertPrinter {
    /**
     * Shows one.
     *
     * @param savedAs the file that its data is in; null if it was not saved
     * @throws IOException if it cannot be written, {@link Output.Closed} if nobody reads any more
     */
    void print(Alert alert, String savedAs) throws IOException;
}
