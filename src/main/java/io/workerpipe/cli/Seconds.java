package io.workerpipe.cli;

import java.math.BigDecimal;
import java.time.Duration;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** An interval as an option's value: a number of seconds, {@code 0.5}. */
final class Seconds implements ITypeConverter<Duration> {
    static final Duration SHORTEST = Duration.ofMillis(100);
    static final Duration LONGEST = Duration.ofHours(1);

    @Override
    public Duration convert(String text) {
        Duration interval;
        try {
            interval = Duration.ofNanos(new BigDecimal(text).movePointRight(9).longValue());
        } catch (NumberFormatException e) {
            throw new TypeConversionException("'" + text + "' is no number of seconds");
        }
        if (interval.compareTo(SHORTEST) < 0 || interval.compareTo(LONGEST) > 0) {
            throw new TypeConversionException(
                    "'" + text + "' seconds: expected " + text(SHORTEST) + " to " + text(LONGEST));
        }
        return interval;
    }

    /** {@code 0.5} for half a second. */
    static String text(Duration interval) {
        return BigDecimal.valueOf(interval.toMillis(), 3).stripTrailingZeros().toPlainString();
    }
}
