package io.workerpipe.loop;

import java.io.IOException;

/** What all races over outboxes share. */
final class Track {
    static final Surroundings AROUND = surroundings();

    private static final ThreadLocal<Intake> INTAKES = ThreadLocal.withInitial(() -> new Intake(64 << 10));

    private Track() {}

    private static Surroundings surroundings() {
        try {
            return new Surroundings(512L << 20);
        } catch (IOException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    static Line line(int pipeBytes) {
        return line(AROUND.pool, pipeBytes);
    }

    static Line line(PagePool pool, int pipeBytes) {
        return new Line(AROUND, pool, pipeBytes, 1 << 20, new PageWrites(true), new PageSplices(false));
    }

    /** Of nothing so far. */
    static Intake intake() {
        Intake intake = INTAKES.get();
        intake.reset();
        return intake;
    }

    /** What is told of an intake, beside the alerts that came right: 0, or a number that no outcome has. */
    static int faults(Intake intake, boolean all) {
        return all ? (int) intake.faults() : -1;
    }
}
