package io.workerpipe.bench.carrier;

/** The ways in which a system can be used, and the search for the fastest. For one thread. */
public interface Grid {
    /** What to try now; null when enough was tried. */
    String next();

    /** The rate of what {@link #next} gave. */
    void tried(double rate);

    /** The fastest so far. */
    String best();

    /** What was tried and what was chosen, for the report. */
    String protocol();
}
