package io.workerpipe.supervise;

import java.util.List;

/** Replaces all workers of a crew, one after the other. Used by the crew's thread. */
final class Rotation {
    private static final int NONE = -1;

    private final Crew crew;
    private final List<Place> places;
    /** Whose turn it is. */
    private int turn = NONE;
    private boolean again;

    Rotation(Crew crew, List<Place> places) {
        this.crew = crew;
        this.places = places;
    }

    void begin() {
        if (isUnderWay()) {
            // What came while this went on may be meant for those that have had their turn.
            again = true;
            crew.say("replacing again when this is over");
            return;
        }
        crew.say("replacing " + Crew.workers(places.size()) + ", one after the other");
        turn = 0;
        places.get(turn).replace();
    }

    boolean isUnderWay() {
        return turn != NONE;
    }

    void step() {
        if (!isUnderWay()) {
            return;
        }
        switch (places.get(turn).replacement()) {
            case NONE, UNDER_WAY -> {
            }
            case DONE -> {
                turn++;
                if (turn < places.size()) {
                    places.get(turn).replace();
                } else {
                    turn = NONE;
                    end("replaced " + Crew.workers(places.size()));
                }
            }
            case FAILED -> {
                String done = "replacing given up at worker " + turn + ": " + turn + " of " + places.size()
                        + " replaced";
                turn = NONE;
                end(done);
            }
        }
    }

    private void end(String text) {
        crew.say(text);
        if (again) {
            again = false;
            begin();
        }
    }
}
