package io.workerpipe.bench;

import java.util.List;

/** A system that takes part in a case. */
public interface Entrant {
    /** The system's name in results. */
    String system();

    /**
     * One run, from nothing to nothing: no process and no file is left.
     *
     * @return what was measured; the same metrics each time, the most important one first
     * @throws FlawedRunException   if an alert was lost, doubled or wrong
     * @throws InterruptedException if the thread was interrupted
     */
    List<Reading> play(Plan plan) throws FlawedRunException, InterruptedException;

    /** What a reader of the report must know of how it played. */
    default List<String> notes() {
        return List.of();
    }
}
