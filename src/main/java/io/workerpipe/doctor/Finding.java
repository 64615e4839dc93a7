package io.workerpipe.doctor;

/**
 * What a check has found.
 *
 * @param level   how bad it is
 * @param subject what was looked at, in a word or three
 * @param found   what was found
 * @param advice  what to do, empty if that is nothing
 */
public record Finding(Level level, String subject, String found, String advice) {
    /** How bad it is. */
    public enum Level {
        /** As it should be. */
        OK,
        /** Works, but is slower, or will not in some case that the advice names. */
        WARN,
        /** Workers cannot join, or cannot reach each other. */
        FAIL
    }

    static Finding ok(String subject, String found) {
        return new Finding(Level.OK, subject, found, "");
    }

    static Finding warn(String subject, String found, String advice) {
        return new Finding(Level.WARN, subject, found, advice);
    }

    static Finding fail(String subject, String found, String advice) {
        return new Finding(Level.FAIL, subject, found, advice);
    }
}
