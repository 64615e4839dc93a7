package io.workerpipe.bench.carrier;

import io.workerpipe.bench.FlawedRunException;
import io.workerpipe.bench.process.Crew;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** A system that carries alerts between processes. */
public interface Carrier {
    /** Its name in results. */
    String system();

    /**
     * Starts what it needs besides those who play.
     *
     * @return to be told {@code leave} after all others
     */
    default List<Crew.Member> prepare(Crew crew) throws IOException, FlawedRunException, InterruptedException {
        return List.of();
    }

    /**
     * A process that does what {@code Performer} describes.
     *
     * @param role    send, receive, ping or echo
     * @param variant one of the ways to use it; empty if there is but one
     */
    ProcessBuilder performer(String role, Scene scene, int seat, String variant, Path folder);

    /**
     * The ways to use it in a case, if there are several.
     *
     * @param whole to try all, not only what looks promising
     */
    default Optional<Grid> grid(Scene scene, boolean whole) {
        return Optional.empty();
    }

    /** Whether its processes are JVMs, which compile while they run. */
    boolean isJava();
}
