package io.workerpipe.supervise;

import io.workerpipe.linux.ProcessId;
import java.util.Map;

/**
 * Immutable. What a supervisor tells a worker in its environment.
 *
 * @param group      the group to join
 * @param index      the worker's number
 * @param label      what it is called in lists
 * @param supervisor who started it; null if that is not said
 * @param outlives   whether it stays when the supervisor is gone
 */
public record Assignment(String group, int index, String label, ProcessId supervisor, boolean outlives) {
    /** The group's name. */
    public static final String GROUP = "WORKERPIPE_GROUP";
    /** The worker's number. */
    public static final String INDEX = "WORKERPIPE_INDEX";
    /** What it is called in lists. */
    public static final String LABEL = "WORKERPIPE_LABEL";
    /** Process id and start time of who started it. */
    public static final String SUPERVISOR = "WORKERPIPE_SUPERVISOR";
    /** {@code 1}: the worker stays when the supervisor is gone. */
    public static final String OUTLIVE = "WORKERPIPE_OUTLIVE_SUPERVISOR";

    /**
     * Reads it.
     *
     * @param environment variables of a process
     * @return null if there is no group among them
     * @throws IllegalArgumentException if one of them cannot be what a supervisor wrote; the message says which
     */
    public static Assignment of(Map<String, String> environment) {
        String group = environment.get(GROUP);
        if (group == null || group.isEmpty()) {
            return null;
        }
        return new Assignment(group, index(environment.get(INDEX)), environment.getOrDefault(LABEL, ""),
                supervisor(environment.get(SUPERVISOR)), outlives(environment.get(OUTLIVE)));
    }

    /** Writes it; {@link #outlives} is left as whoever starts the supervisor has it. */
    void put(Map<String, String> environment) {
        environment.put(GROUP, group);
        environment.put(INDEX, Integer.toString(index));
        environment.put(LABEL, label);
        environment.put(SUPERVISOR, supervisor.toString());
    }

    private static int index(String text) {
        if (text == null || text.isEmpty()) {
            return -1;
        }
        try {
            int index = Integer.parseInt(text);
            if (index >= 0) {
                return index;
            }
        } catch (NumberFormatException e) {
            // Said below.
        }
        throw new IllegalArgumentException(
                INDEX + " in the environment is '" + text + "', but must be a number from 0 on");
    }

    private static ProcessId supervisor(String text) {
        if (text == null || text.isEmpty()) {
            return null;
        }
        try {
            return ProcessId.parse(text);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(SUPERVISOR + " in the environment: " + e.getMessage(), e);
        }
    }

    private static boolean outlives(String text) {
        return switch (text == null ? "" : text) {
            case "", "0" -> false;
            case "1" -> true;
            default -> throw new IllegalArgumentException(
                    OUTLIVE + " in the environment is '" + text + "', but must be 1 or 0");
        };
    }
}
