package io.workerpipe.roster;

import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;

/**
 * Safe for any thread. File channels close themselves when their thread is interrupted; who joins or leaves is not to fail
 * by that: it is done again, and the interrupt is kept for later.
 */
final class Uninterrupted {
    private Uninterrupted() {}

    /** What may be done again from the start. */
    interface Action<T> {
        T run() throws IOException;
    }

    static <T> T run(Action<T> action) throws IOException {
        boolean interrupted = Thread.interrupted();
        try {
            for (;;) {
                try {
                    return action.run();
                } catch (ClosedByInterruptException e) {
                    Thread.interrupted();
                    interrupted = true;
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
