package io.workerpipe.cli;

/** Numbers in at most five characters, for tables that have to fit. Thousands are 1,000, of bytes too. */
final class Figure {
    private static final String UNITS = " kMGTPE";

    private Figure() {}

    /** {@code 999}, {@code 1.23k}, {@code 45.6M}, {@code 789G}. */
    static String of(double value) {
        // What would be rounded up to 1,000 of a unit is 1 of the next.
        if (value < 999.5) {
            return value > 0 && value < 9.95 && value != Math.rint(value)
                    ? String.format("%.1f", value)
                    : Long.toString(Math.round(value));
        }
        int unit = 0;
        while (value >= 999.5 && unit < UNITS.length() - 1) {
            value /= 1000;
            unit++;
        }
        String format = value < 9.995 ? "%.2f" : value < 99.95 ? "%.1f" : "%.0f";
        return String.format(format, value) + UNITS.charAt(unit);
    }

    /** How long ago: {@code 7s}, {@code 12m}, {@code 3h}, {@code 40d}. */
    static String ofAge(long millis) {
        long seconds = Math.max(0, millis) / 1000;
        if (seconds < 100) {
            return seconds + "s";
        }
        if (seconds < 100 * 60) {
            return seconds / 60 + "m";
        }
        return seconds < 100 * 3600 ? seconds / 3600 + "h" : seconds / 86400 + "d";
    }
}
