package io.workerpipe.bench.process;

import io.workerpipe.bench.FlawedRunException;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * What processes have seen of a window of time that was told to them ahead: each looks by itself when it begins and when it
 * ends, and says so afterwards.
 *
 * <p>A process that hears of something and answers takes a processor from those that are measured, and what this holds up is
 * late for a while: that is before the window, or after it.
 *
 * @param before     what each process said of the beginning
 * @param after      and of the end
 * @param processors that all processes of the crew together have used, from before they were told until the end
 * @param compilers  of these, those that the JVMs' compilers have used
 */
public record Measurement<T extends Counted>(List<T> before, List<T> after, double processors, double compilers) {
    private static final Duration AHEAD = Duration.ofMillis(200);
    /** More processes than processors hear of it one by one. */
    private static final Duration AHEAD_PER_PROCESS = Duration.ofMillis(10);
    /** A process that hears of it late sees less of the window. A rate over less than this part of it says nothing. */
    private static final double LEAST_SEEN = 0.2;
    private static final String SEPARATOR = ";";

    /**
     * Has some of a crew's processes measure.
     *
     * @param parse makes a look of a line
     * @param limit for the answers, once the window is over
     */
    public static <T extends Counted> Measurement<T> of(Crew crew, List<Crew.Member> some, Duration window,
            Function<String, T> parse, Duration limit) throws IOException, FlawedRunException, InterruptedException {
        double cpu = CpuTime.seconds(crew.pids());
        double seconds = System.nanoTime() / 1e9;
        double compilers = CpuTime.secondsOfCompilers(crew.pids());
        long from = System.nanoTime() + AHEAD.plus(AHEAD_PER_PROCESS.multipliedBy(some.size())).toNanos();
        long until = from + window.toNanos();
        crew.tell(some, "measure " + from + " " + until);
        Pause.until(until);
        cpu = CpuTime.seconds(crew.pids()) - cpu;
        seconds = System.nanoTime() / 1e9 - seconds;
        compilers = CpuTime.secondsOfCompilers(crew.pids()) - compilers;
        List<String[]> answers = crew.answers(some, limit).stream().map(line -> line.split(SEPARATOR)).toList();
        List<T> before = answers.stream().map(looks -> parse.apply(looks[0])).toList();
        List<T> after = answers.stream().map(looks -> parse.apply(looks[1])).toList();
        for (int i = 0; i < before.size(); i++) {
            long seen = after.get(i).nanoTime() - before.get(i).nanoTime();
            if (seen < window.toNanos() * LEAST_SEEN) {
                throw new FlawedRunException("process " + some.get(i).process().pid() + " got no processor for most of"
                        + " the window: it saw " + Duration.ofNanos(seen) + " of " + window);
            }
        }
        return new Measurement<>(before, after, cpu / seconds, compilers / seconds);
    }

    /** Has it run once: what runs for the first time takes long, and keeps compilers busy for long. */
    static void rehearse(Crew crew, List<Crew.Member> some, Duration limit)
            throws FlawedRunException, InterruptedException {
        crew.tell(some, "measure 0 0");
        crew.answers(some, limit);
    }

    /**
     * In a process that has been told to: looks at the beginning and at the end.
     *
     * @param line makes a line of a look
     * @return the answer
     */
    public static <T> String take(long from, long until, Supplier<T> look, Function<T, String> line)
            throws InterruptedException {
        Pause.until(from);
        T before = look.get();
        Pause.until(until);
        T after = look.get();
        return line.apply(before) + SEPARATOR + line.apply(after);
    }
}
