package io.workerpipe.bench;

import io.workerpipe.bench.flow.FlowRun;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** What the library has set itself, against what was measured. */
final class Goals {
    private static final String OURS = "workerpipe";
    private static final String NOTHING = "";
    /** Of bytes allocated per alert, and of milliseconds a second: less than that is none. */
    private static final double NONE = 0.01;

    /** Milliseconds: who is so far behind its schedule measures how long ago it fell behind, not a latency. */
    private static final double FAR_BEHIND = 20;

    private static final List<Goal> GOALS = Stream.of(Stream.of(atLeast("pair-10", "rate", "aeron-ipc", 1.5)),
            Stream.of("pair-100", "pair-1024", "pair-4000", "pair-10240").flatMap(
                    pair -> Stream.of(atLeast(pair, "rate", "aeron-ipc", 1.0), atLeast(pair, "rate", "jdk-uds", 1.2))),
            Stream.of(atLeast("threads-8-10", "rate", "aeron-ipc", 1.0),
                    atLeast("many-to-one-8-10", "rate", "aeron-ipc", 1.0),
                    atLeast("storm-5-10", "rate", "ancestor-c", 15), atLeast("storm-20-10", "rate", "ancestor-c", 15),
                    atLeast("storm-5-10240", "rate", "ancestor-c", 2),
                    atLeast("storm-20-10240", "rate", "ancestor-c", 1.5), atLeast("fan-20-10", "rate", "c-pipe", 0.5),
                    atLeast("fan-20-10240", "rate", "c-pipe", 0.5), atMost("rtt-block", "p50", "c-pipe", 1.15),
                    atMost("rtt-spin", "p50", "c-pipe", 1.3), atMost("rtt-default", "p50", "aeron-ipc", 0.5),
                    atMost("idle", "idle, the library's threads", NOTHING, NONE),
                    atMost("rate-50pct", "p99", "c-pipe", 2), atLeast("large", "throughput", "c-pipe", 0.9),
                    atMost("large", "VmHWM beyond the alert", NOTHING, 64),
                    atLeast("stall-100", "rate", "none-stopped", 0.8)),
            Stream.of("pair-10", "pair-100", "pair-1024", "pair-4000", "pair-10240", "threads-8-10").flatMap(
                    flow -> Stream.of("allocated by senders", "allocated by receivers")
                            .map(metric -> atMost(flow, metric, NOTHING, NONE))),
            Stream.of(atLeast("scale-40", "rate", "c-pipe", 0.5), atMost("join", "join in a fresh JVM", NOTHING, 200)))
            .flatMap(goals -> goals).toList();

    /**
     * One goal.
     *
     * @param against a system that ours is divided by, run by run; empty: the figure itself counts
     */
    private record Goal(String contest, String metric, String against, boolean atLeast, double limit) {}

    enum Reached {
        YES, NO, NOT_MEASURED
    }

    /** For the report. */
    record Row(String contest, String metric, String against, String goal, String measured, Reached reached) {}

    private Goals() {}

    private static Goal atLeast(String contest, String metric, String against, double limit) {
        return new Goal(contest, metric, against, true, limit);
    }

    private static Goal atMost(String contest, String metric, String against, double limit) {
        return new Goal(contest, metric, against, false, limit);
    }

    /** Of those goals that there are figures for. */
    static List<Row> rows(List<Result> results) {
        return GOALS.stream().flatMap(goal -> row(goal, results).stream()).toList();
    }

    private static Optional<Row> row(Goal goal, List<Result> results) {
        Optional<Result> ours = find(results, goal, OURS);
        Optional<Result> theirs = find(results, goal, goal.against());
        List<Double> values = goal.against().equals(NOTHING)
                ? ours.map(Result::runs).orElse(List.of())
                : ours.flatMap(our -> theirs.map(their -> ratios(our, their))).orElse(List.of());
        if (values.isEmpty()) {
            return Optional.empty();
        }
        int rounds = values.size();
        Optional<Result> behind = find(results, goal.contest(), goal.against(), FlowRun.BEHIND);
        if (behind.isPresent()) {
            values = comparable(ours.orElseThrow(), theirs.orElseThrow(), behind.get());
            if (values.isEmpty()) {
                return Optional.of(new Row(goal.contest(), goal.metric(), goal.against(), text(goal, " x"),
                        goal.against() + " fell behind its schedule", Reached.NOT_MEASURED));
            }
        }
        String left = values.size() == rounds ? "" : ", " + values.size() + " of " + rounds + " rounds";
        Spread spread = Spread.of(values);
        boolean reached = goal.atLeast() ? spread.median() >= goal.limit() : spread.median() <= goal.limit();
        String unit = goal.against().equals(NOTHING) ? " " + ours.orElseThrow().unit : " x";
        return Optional.of(new Row(goal.contest(), goal.metric(), goal.against(), text(goal, unit),
                spread.text() + unit + left, reached ? Reached.YES : Reached.NO));
    }

    private static String text(Goal goal, String unit) {
        return (goal.atLeast() ? "at least " : "at most ") + Figure.of(goal.limit()) + unit;
    }

    /** The ratios of those rounds in which the other one kept up with its schedule. Ours counts however it was. */
    private static List<Double> comparable(Result ours, Result theirs, Result behind) {
        Result comparable = new Result(theirs.contest, theirs.system, theirs.metric, theirs.unit);
        theirs.byRound().forEach((round, value) -> {
            Double late = behind.byRound().get(round);
            if (late != null && late < FAR_BEHIND) {
                comparable.add(round, value);
            }
        });
        return ratios(ours, comparable);
    }

    private static Optional<Result> find(List<Result> results, Goal goal, String system) {
        return find(results, goal.contest(), system, goal.metric());
    }

    private static Optional<Result> find(List<Result> results, String contest, String system, String metric) {
        return results.stream().filter(result -> result.contest.equals(contest) && result.system.equals(system)
                && result.metric.equals(metric)).findFirst();
    }

    /** Of the rounds that both have played. */
    static List<Double> ratios(Result ours, Result theirs) {
        List<Double> ratios = new ArrayList<>();
        ours.byRound().forEach((round, value) -> {
            Double other = theirs.byRound().get(round);
            if (other != null) {
                ratios.add(value / other);
            }
        });
        return ratios;
    }
}
