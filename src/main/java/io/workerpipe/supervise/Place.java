package io.workerpipe.supervise;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.Stream;

/** One index of a crew: who works there, who is to follow, who is on the way out. Used by the crew's thread. */
final class Place {
    /** How far a replacement has come. */
    enum Replacement {
        NONE, UNDER_WAY, DONE, FAILED
    }

    private final Crew crew;
    private final Plan plan;
    private final int index;
    private final Backoff backoff;
    /** Null while it waits to be started again. */
    private Child current;
    private Child successor;
    private final List<Child> leaving = new ArrayList<>();
    private Replacement replacement = Replacement.NONE;
    private long startAt;
    private boolean stopping;

    Place(Crew crew, Plan plan, int index) {
        this.crew = crew;
        this.plan = plan;
        this.index = index;
        this.backoff = new Backoff(plan.firstPause(), plan.longestPause(), plan.stableAfter());
    }

    /** @throws IOException if the command cannot be run */
    void start() throws IOException {
        current = crew.start(index);
    }

    Stream<Child> children() {
        return Stream.concat(Stream.of(current, successor).filter(Objects::nonNull), leaving.stream());
    }

    Child current() {
        return current;
    }

    boolean isEmpty() {
        return children().findAny().isEmpty();
    }

    void stop() {
        stopping = true;
        children().forEach(Child::terminate);
    }

    void kill() {
        stopping = true;
        children().forEach(Child::kill);
    }

    /** Whether something is about to happen here without a sign from outside. */
    boolean isBusy() {
        return current == null || successor != null || !leaving.isEmpty() || isNew(current)
                || current.wasToldToEnd();
    }

    private boolean isNew(Child child) {
        return !child.hasJoined() && child.ran().compareTo(plan.joinLimit()) < 0;
    }

    // ---------------------------------------------------------------- one step

    void step() {
        children().forEach(Child::look);
        for (Child child : List.copyOf(leaving)) {
            if (child.hasEnded()) {
                leaving.remove(child);
                sayEnd(child, "");
            }
        }
        stepSuccessor();
        stepCurrent();
        if (current == null && successor == null && !stopping && System.nanoTime() - startAt >= 0) {
            restart();
        }
    }

    private void stepCurrent() {
        if (current == null || !current.hasEnded()) {
            return;
        }
        Child ended = current;
        current = null;
        if (stopping) {
            sayEnd(ended, "");
        } else {
            sayEnd(ended, pause(ended.ran()));
        }
    }

    private String pause(Duration ran) {
        Duration pause = backoff.pause(ran);
        startAt = System.nanoTime() + pause.toNanos();
        return "; another one is started in " + seconds(pause);
    }

    private void restart() {
        try {
            start();
            crew.say("worker " + index + ": process " + current.pid() + " started");
        } catch (IOException e) {
            crew.say("worker " + index + ": " + e.getMessage() + pause(Duration.ZERO));
        }
    }

    private void sayEnd(Child child, String then) {
        StringBuilder text = new StringBuilder("worker " + index + ": process " + child.pid() + " ended with "
                + ExitCode.text(child.exitCode()) + " after " + seconds(child.ran()));
        if (child.wasKilled()) {
            text.append(", having been killed");
            crew.countKilled();
        }
        text.append(then);
        List<String> lastWords = ExitCode.isFailure(child.exitCode(), child.wasToldToEnd())
                ? child.lastWords()
                : List.of();
        if (!lastWords.isEmpty()) {
            text.append("; its last words:");
            lastWords.forEach(line -> text.append("\n  | ").append(line));
        }
        crew.say(text.toString());
    }

    static String seconds(Duration time) {
        return String.format(Locale.ROOT, "%.1f s", time.toMillis() / 1000.0);
    }

    // ---------------------------------------------------------------- replacement

    /** Starts a successor. */
    void replace() {
        replacement = Replacement.UNDER_WAY;
        try {
            successor = crew.start(index);
            crew.say("worker " + index + ": process " + successor.pid() + " started"
                    + (current == null ? "" : " to follow " + current.pid()));
        } catch (IOException e) {
            fail(e.getMessage());
        }
    }

    /** What became of the last {@link #replace}; it is over when its successor works and the one before has ended. */
    Replacement replacement() {
        if (replacement == Replacement.UNDER_WAY && successor == null && leaving.isEmpty() && current != null
                && !isNew(current)) {
            replacement = Replacement.DONE;
        }
        return replacement;
    }

    private void stepSuccessor() {
        if (successor == null || stopping && !successor.hasEnded()) {
            return;
        }
        if (successor.hasEnded()) {
            Child ended = successor;
            successor = null;
            sayEnd(ended, "");
            fail("its successor ended before it had joined");
        } else if (successor.hasJoined()) {
            takeOver("has joined");
        } else if (!isNew(successor)) {
            notJoined();
        }
    }

    /** Where nobody ever joined, this is how it is; where one did, the new one does not work. */
    private void notJoined() {
        String late = "has not joined group '" + plan.group() + "' within " + seconds(plan.joinLimit());
        if (current == null || !current.hasJoined()) {
            takeOver(late + ", as little as the one before");
            return;
        }
        Child failed = successor;
        successor = null;
        leaving.add(failed);
        failed.terminate();
        fail("its successor, process " + failed.pid() + ", " + late);
    }

    private void takeOver(String why) {
        Child before = current;
        current = successor;
        successor = null;
        if (before == null) {
            crew.say("worker " + index + ": process " + current.pid() + " " + why);
            return;
        }
        leaving.add(before);
        before.terminate();
        crew.say("worker " + index + ": process " + current.pid() + " " + why + "; SIGTERM to " + before.pid());
    }

    private void fail(String why) {
        replacement = Replacement.FAILED;
        if (!stopping) {
            crew.say("worker " + index + ": " + why + (current == null
                    ? ""
                    : "; process " + current.pid() + " stays"));
        }
    }
}
