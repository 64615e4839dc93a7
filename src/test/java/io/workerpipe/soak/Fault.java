package io.workerpipe.soak;

/**
 * Something bad that happens to a worker.
 *
 * @param millis when, from the beginning of the round
 * @param place  which worker, 0 for the first
 * @param amount milliseconds, MiB, alerts or a seed, as the kind says
 */
record Fault(long millis, Kind kind, int place, int amount) {
    /** What happens. */
    enum Kind {
        /** SIGKILL; another one is started at once. */
        KILL,
        /** The same, and the next one too, so many milliseconds after its start. */
        KILL_TWICE,
        /** SIGSTOP, and SIGCONT after so many milliseconds. */
        STOP,
        /** SIGSTOP, and SIGKILL after so many milliseconds. */
        STOP_AND_KILL,
        /** It leaves, and joins again in the same process. */
        REJOIN,
        /** Full garbage collections with so many MiB alive. */
        COLLECT,
        /** A handler sleeps so many milliseconds. */
        NAP,
        /** It sends so many alerts to one other without a pause. */
        FLOOD,
        /** A guest comes, sends so many alerts and leaves. */
        GUEST,
        /** A guest comes, and is killed while it sends. */
        GUEST_KILLED,
        /** Somebody writes into its inbox what is no packet, or one that lies; made from a seed. */
        LIE;

        /** A worker dies of it. */
        boolean kills() {
            return this == KILL || this == KILL_TWICE || this == STOP_AND_KILL;
        }
    }

    @Override
    public String toString() {
        return kind.name().toLowerCase(java.util.Locale.ROOT).replace('_', ' ') + " w" + place
                + (kind == Kind.KILL || kind == Kind.REJOIN ? "" : " " + amount);
    }
}
