package io.workerpipe.cli;

import io.workerpipe.Alert;
import io.workerpipe.Loss;
import java.io.IOException;

/** Shows alerts, and what was dropped of them, on standard output. Used by one thread at a time. */
interface AlertPrinter {
    /**
     * Shows one.
     *
     * @param savedAs the file that its data is in; null if it was not saved
     * @throws IOException if it cannot be written, {@link Output.Closed} if nobody reads any more
     */
    void print(Alert alert, String savedAs) throws IOException;

    /**
     * Shows that a sender has dropped some.
     *
     * @throws IOException as {@link #print}
     */
    void lost(Loss loss) throws IOException;
}
