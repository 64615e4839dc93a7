package io.workerpipe.supervise;

import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * What a crew is to be. Immutable.
 *
 * @param command      program and arguments of each worker
 * @param environment  variables besides those that are inherited
 * @param group        the group to join
 * @param count        how many workers
 * @param label        what they are called in lists; the index follows
 * @param joinLimit    how long a successor may take to join
 * @param stopLimit    how long a worker may take to end after SIGTERM
 * @param firstPause   before one that died is started again
 * @param longestPause what that grows to when it keeps dying
 * @param stableAfter  how long one must have run for the pause to be short again
 */
public record Plan(List<String> command, Map<String, String> environment, String group, int count, String label,
        Duration joinLimit, Duration stopLimit, Duration firstPause, Duration longestPause, Duration stableAfter) {
    /** With copies of the collections. */
    public Plan {
        command = List.copyOf(command);
        environment = Map.copyOf(environment);
    }

    String label(int index) {
        return label + "-" + index;
    }
}
