package io.workerpipe.bench;

import java.util.Locale;

/** A number for people: three significant digits, large ones in millions. */
final class Figure {
    private Figure() {}

    static String of(double value) {
        double size = Math.abs(value);
        if (size >= 1e5) {
            return digits(value / 1e6) + " M";
        }
        return digits(value);
    }

    private static String digits(double value) {
        double size = Math.abs(value);
        int decimals = size >= 100 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : 3;
        return String.format(Locale.ROOT, "%." + decimals + "f", value);
    }
}
