package io.workerpipe.bench;

import java.util.List;
import java.util.Map;

/** Which cases and systems a mode runs, so that it fits its time. */
sealed interface Program {
    /** Whether any system runs this case. */
    boolean has(String contest);

    /** Whether this one does. */
    boolean has(String contest, String system);

    static Program of(String mode) {
        return switch (mode) {
            case "smoke" -> Listed.SMOKE;
            case "default" -> Listed.DEFAULT;
            default -> new All();
        };
    }

    /** Everything there is. */
    record All() implements Program {
        @Override
        public boolean has(String contest) {
            return true;
        }

        @Override
        public boolean has(String contest, String system) {
            return true;
        }
    }

    /**
     * What is listed.
     *
     * @param systems by case; an empty list: all of them
     */
    record Listed(Map<String, List<String>> systems) implements Program {
        private static final List<String> EVERY = List.of();
        private static final List<String> OURS_AND_C = List.of("workerpipe", "c-pipe");
        private static final List<String> RIVALS = List.of("workerpipe", "c-pipe", "c-splice", "aeron-ipc", "jdk-uds");
        private static final List<String> WITHOUT_SOCKETS = List.of("workerpipe", "c-pipe", "aeron-ipc");

        /** Each kind of case once, and each system once. */
        static final Listed SMOKE = new Listed(Map.ofEntries(Map.entry("pair-10", EVERY),
                Map.entry("pair-10240", OURS_AND_C), Map.entry("threads-8-10", OURS_AND_C),
                Map.entry("many-to-one-8-10", List.of("c-pipe", "aeron-ipc")), Map.entry("fan-20-10", OURS_AND_C),
                Map.entry("rtt-block", OURS_AND_C), Map.entry("rtt-spin", List.of("workerpipe", "c-pipe")),
                Map.entry("rtt-default", EVERY), Map.entry("rate-50pct", OURS_AND_C), Map.entry("large", EVERY),
                Map.entry("storm-5-10", EVERY), Map.entry("scale-2", OURS_AND_C), Map.entry("idle", EVERY),
                Map.entry("join", EVERY), Map.entry("part-dispatch-5", EVERY)));

        /** What the goals are about. */
        static final Listed DEFAULT = new Listed(Map.ofEntries(
                Map.entry("pair-10", List.of("workerpipe", "c-pipe", "c-splice", "ancestor-c", "aeron-ipc", "jdk-uds")),
                Map.entry("pair-1024", RIVALS),
                Map.entry("pair-10240", RIVALS), Map.entry("threads-8-10", WITHOUT_SOCKETS),
                Map.entry("many-to-one-8-10", WITHOUT_SOCKETS),
                Map.entry("rtt-block", OURS_AND_C),
                Map.entry("rtt-spin", WITHOUT_SOCKETS), Map.entry("rtt-default", WITHOUT_SOCKETS),
                Map.entry("storm-5-10", EVERY), Map.entry("storm-5-10240", EVERY), Map.entry("idle", EVERY),
                Map.entry("join", EVERY)));

        @Override
        public boolean has(String contest) {
            return systems.containsKey(contest);
        }

        @Override
        public boolean has(String contest, String system) {
            List<String> wanted = systems.get(contest);
            return wanted != null && (wanted.isEmpty() || wanted.contains(system));
        }
    }
}
