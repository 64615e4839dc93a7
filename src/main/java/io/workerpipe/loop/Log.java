package io.workerpipe.loop;

import java.util.ResourceBundle;

/**
 * A logger that never throws: any thread. The log of the JDK does where descriptors or memory have run out, in the middle
 * of what must go on.
 */
record Log(System.Logger logger) implements System.Logger {
    /** That of the library. */
    static System.Logger get() {
        return new Log(System.getLogger("io.workerpipe"));
    }

    @Override
    public String getName() {
        return logger.getName();
    }

    @Override
    public boolean isLoggable(Level level) {
        return logger.isLoggable(level);
    }

    @Override
    public void log(Level level, ResourceBundle bundle, String message, Throwable thrown) {
        try {
            logger.log(level, bundle, message, thrown);
        } catch (RuntimeException | Error e) {
            // There is no place to say it.
        }
    }

    @Override
    public void log(Level level, ResourceBundle bundle, String format, Object... parameters) {
        try {
            logger.log(level, bundle, format, parameters);
        } catch (RuntimeException | Error e) {
            // The same.
        }
    }
}
