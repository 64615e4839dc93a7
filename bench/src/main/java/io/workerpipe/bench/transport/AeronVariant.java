package io.workerpipe.bench.transport;

import java.util.Arrays;
import java.util.stream.Collectors;
import org.agrona.concurrent.BackoffIdleStrategy;
import org.agrona.concurrent.BusySpinIdleStrategy;
import org.agrona.concurrent.IdleStrategy;
import org.agrona.concurrent.YieldingIdleStrategy;

/**
 * One of the ways in which Aeron can be used.
 *
 * @param publication which kind
 * @param method      how it is written to
 * @param idle        what sender and receiver do while they cannot go on
 * @param termBytes   length of a term, of which a publication has three
 */
public record AeronVariant(Publication publication, Method method, Idle idle, int termBytes) {
    /** Whether threads share it. */
    public enum Publication {
        /** One for each thread. */
        EXCLUSIVE,
        /** One for all threads. */
        CONCURRENT
    }

    /** How an alert gets into the log. */
    public enum Method {
        /** Copied by Aeron; any length. */
        OFFER,
        /** Copied into claimed space; at most {@link AeronVariant#MTU}. */
        CLAIM
    }

    /** Idle strategies of Agrona, with its defaults. */
    public enum Idle {
        /** Busy-spin. */
        SPIN,
        /** Spins, then yields. */
        YIELD,
        /** Spins, yields, then parks 1 us to 1 ms. */
        BACKOFF;

        IdleStrategy strategy() {
            return switch (this) {
                case SPIN -> new BusySpinIdleStrategy();
                case YIELD -> new YieldingIdleStrategy();
                case BACKOFF -> new BackoffIdleStrategy();
            };
        }
    }

    /** The longest frame, which Aeron allows at most; what is longer is cut into several. */
    public static final int MTU = 65_504;
    /** A frame's header. */
    private static final int HEADER = 32;

    /** Whether alerts of so many bytes go into one frame. */
    public static boolean isOneFrame(long bytes) {
        return bytes <= MTU - HEADER;
    }

    /** As on command lines and in reports. */
    public String text() {
        return (publication + "," + method + "," + idle).toLowerCase(java.util.Locale.ROOT) + "," + termBytes;
    }

    /** The opposite of {@link #text}. */
    public static AeronVariant parse(String text) {
        String[] fields = text.toUpperCase(java.util.Locale.ROOT).split(",");
        if (fields.length != 4) {
            throw new IllegalArgumentException("not a variant of Aeron: " + text + "; publications: "
                    + Arrays.stream(Publication.values()).map(Enum::name).collect(Collectors.joining(", ")));
        }
        return new AeronVariant(Publication.valueOf(fields[0]), Method.valueOf(fields[1]), Idle.valueOf(fields[2]),
                Integer.parseInt(fields[3]));
    }

    String channel() {
        return "aeron:ipc?term-length=" + termBytes + "|mtu=" + MTU;
    }
}
