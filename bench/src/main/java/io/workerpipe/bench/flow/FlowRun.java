package io.workerpipe.bench.flow;

import io.workerpipe.bench.FlawedRunException;
import io.workerpipe.bench.Plan;
import io.workerpipe.bench.Reading;
import io.workerpipe.bench.carrier.Carrier;
import io.workerpipe.bench.carrier.Scene;
import io.workerpipe.bench.performer.Look;
import io.workerpipe.bench.process.Counted;
import io.workerpipe.bench.process.Crew;
import io.workerpipe.bench.process.Measurement;
import io.workerpipe.bench.process.Pause;
import io.workerpipe.bench.process.WarmUp;
import io.workerpipe.bench.latency.Percentiles;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** The processes of one run, which is measured and checked. For one thread. */
public final class FlowRun {
    private static final Duration LIMIT = Duration.ofSeconds(100);
    /** What is still in the senders' memory when they stop has to get out, however slow the receivers are. */
    private static final Duration FLUSH_LIMIT = Duration.ofMinutes(5);
    /** After so long without another alert, what is missing will not come. */
    private static final Duration STUCK = Duration.ofSeconds(5);
    /** So long one too many may still be on its way. */
    private static final Duration QUIET = Duration.ofMillis(20);
    /** Nothing is compiled in a program in C: only caches and pipes have to fill. */
    private static final Duration WARM_UP_OF_C = Duration.ofMillis(300);

    /** Timed alerts a second, at most. */
    private static final double MOST_TIMED = 1e6;
    /** A schedule begins so long after it was made: by then both sides know it. */
    private static final Duration SOON = Duration.ofMillis(30);
    /** What is sent by a schedule is code that has not run yet: so long it may. */
    private static final Duration SETTLING = Duration.ofMillis(500);

    /** How far the sender was behind its schedule when the window began or ended, whichever was more. */
    public static final String BEHIND = "behind";

    private final Carrier carrier;
    private final Scene scene;
    private final Crew crew;
    private final List<Crew.Member> receivers = new ArrayList<>();
    private final List<Crew.Member> senders = new ArrayList<>();

    /** As fast as can be; a run from nothing to nothing. */
    static List<Reading> of(Carrier carrier, Scene scene, String variant, Plan plan)
            throws FlawedRunException, InterruptedException {
        return of(carrier, scene, variant, plan, 0);
    }

    /**
     * A run from nothing to nothing.
     *
     * @param rate alerts a second; 0: as fast as can be
     */
    public static List<Reading> of(Carrier carrier, Scene scene, String variant, Plan plan, double rate)
            throws FlawedRunException, InterruptedException {
        try (Crew crew = new Crew(plan.logs().resolve(scene.name() + "-" + carrier.system() + ".log"))) {
            List<Crew.Member> helpers = carrier.prepare(crew);
            FlowRun run = new FlowRun(carrier, scene, variant, crew);
            List<Reading> readings = rate == 0 ? run.play(plan) : run.playAtRate(plan, rate);
            run.end();
            crew.tell(helpers, "leave");
            crew.awaitEnd(helpers, LIMIT);
            return readings;
        } catch (IOException e) {
            throw new FlawedRunException(e.toString(), e);
        }
    }

    private FlowRun(Carrier carrier, Scene scene, String variant, Crew crew)
            throws IOException, FlawedRunException, InterruptedException {
        this.carrier = carrier;
        this.scene = scene;
        this.crew = crew;
        for (int i = 0; i < scene.receivers(); i++) {
            receivers.add(crew.start(carrier.performer("receive", scene, i, variant, crew.folder())));
        }
        for (int i = 0; i < scene.senders(); i++) {
            int seat = scene.receivers() + i;
            senders.add(crew.start(carrier.performer("send", scene, seat, variant, crew.folder())));
        }
        crew.answers(receivers, LIMIT);
        crew.answers(senders, LIMIT);
    }

    /** Receivers first. */
    private List<Crew.Member> members() {
        return Stream.concat(receivers.stream(), senders.stream()).toList();
    }

    /** Sends, measures a window of it, stops, and counts. */
    private List<Reading> play(Plan plan) throws IOException, FlawedRunException, InterruptedException {
        ask(senders, "go");
        warmUp(plan);
        Measurement<Look> measured = Measurement.of(crew, members(), plan.window(), Look::parse, LIMIT);
        check(stopSenders());
        List<Look> before = measured.before().subList(0, receivers.size());
        List<Look> after = measured.after().subList(0, receivers.size());
        List<Look> sentBefore = measured.before().subList(receivers.size(), measured.before().size());
        List<Look> sentAfter = measured.after().subList(receivers.size(), measured.after().size());
        List<Reading> readings = new ArrayList<>();
        double received = sum(after) - sum(before);
        double sent = sum(sentAfter) - sum(sentBefore);
        if (received == 0 || sent == 0) {
            throw new FlawedRunException("no alert came, or none was sent, in the window of " + plan.window());
        }
        double rate = Counted.rate(before, after);
        readings.add(new Reading("rate", "alerts/s", rate));
        readings.add(new Reading("cpu", "CPU s per million alerts", measured.processors() * 1e6 / rate));
        if (carrier.isJava()) {
            readings.add(new Reading("compilers", "% of that CPU time",
                    100 * measured.compilers() / measured.processors()));
            readings.add(new Reading("allocated by senders", "bytes per alert",
                    (allocated(sentAfter) - allocated(sentBefore)) / sent));
            readings.add(new Reading("allocated by receivers", "bytes per alert",
                    (allocated(after) - allocated(before)) / received));
        }
        return readings;
    }

    /**
     * Warms up as fast as can be, then goes on by a schedule. Of very many alerts some are timed: reading the clock for each
     * would be the load.
     */
    private List<Reading> playAtRate(Plan plan, double rate)
            throws IOException, FlawedRunException, InterruptedException {
        ask(senders, "go");
        warmUp(plan);
        List<String> warmedUp = stopSenders();
        check(warmedUp);
        long stride = (long) Math.ceil(rate / MOST_TIMED) | 1;
        long scheduleStart = System.nanoTime() + SOON.toNanos();
        String schedule = "schedule " + scheduleStart + " " + 1e9 / rate + " " + stride + " " + warmedUp.getFirst();
        ask(receivers, schedule);
        ask(senders, schedule);
        ask(senders, "go");
        Pause.of(SETTLING);
        if (carrier.isJava()) {
            // What sends by a schedule is compiled anew, and falls behind meanwhile.
            WarmUp.of(crew, members(), plan);
        }
        Measurement<Look> measured = Measurement.of(crew, members(), plan.window(), Look::parse, LIMIT);
        Look before = measured.before().getLast();
        Look after = measured.after().getLast();
        long first = Long.parseLong(warmedUp.getFirst());
        awaitSent(first + (long) ((after.nanoTime() - scheduleStart) * rate / 1e9));
        check(stopSenders());
        double sent = Counted.rate(List.of(before), List.of(after));
        if (sent == 0) {
            throw new FlawedRunException("none was sent in the window of " + plan.window());
        }
        Path file = crew.folder().resolve("latencies");
        ask(receivers, "latencies " + file);
        List<Reading> readings = new ArrayList<>(Percentiles.of(Percentiles.read(file)));
        readings.add(new Reading("rate", "alerts/s", sent));
        readings.add(new Reading(BEHIND, "ms", Math
                .max(behind(before, scheduleStart, rate, first), behind(after, scheduleStart, rate, first)) * 1e3));
        readings.add(new Reading("cpu", "CPU s per million alerts", measured.processors() * 1e6 / sent));
        return readings;
    }

    /** What was to be sent in the window belongs to it, however late it is. */
    private void awaitSent(long alerts) throws FlawedRunException, InterruptedException {
        long end = System.nanoTime() + LIMIT.toNanos();
        while (sum(look(senders)) < alerts) {
            if (System.nanoTime() > end) {
                throw new FlawedRunException("what was to be sent in the window is not sent after " + LIMIT);
            }
            Pause.of(QUIET);
        }
    }

    /** Seconds by which the one sender is late. */
    private static double behind(Look sender, long scheduleStart, double rate, long first) {
        double elapsed = (sender.nanoTime() - scheduleStart) / 1e9;
        return Math.max(0, elapsed - (sender.alerts() - first) / rate);
    }

    private void warmUp(Plan plan) throws IOException, FlawedRunException, InterruptedException {
        long end = System.nanoTime() + LIMIT.toNanos();
        while (look(receivers).stream().anyMatch(look -> look.alerts() == 0) && System.nanoTime() < end) {
            Pause.of(QUIET);
        }
        if (carrier.isJava()) {
            WarmUp.of(crew, members(), plan);
        } else {
            Pause.of(WARM_UP_OF_C);
        }
    }

    /** Every one that was sent has come, once, in order, with each byte right. */
    private void check(List<String> sentByEach) throws FlawedRunException, InterruptedException {
        long sent = sentByEach.stream().mapToLong(Long::parseLong).sum();
        long wanted = sent * scene.receivers();
        List<Look> last = look(receivers);
        long lastMove = System.nanoTime();
        for (boolean done = false; !done;) {
            Pause.of(QUIET);
            List<Look> now = look(receivers);
            if (sum(now) != sum(last)) {
                lastMove = System.nanoTime();
            } else {
                done = sum(now) >= wanted || System.nanoTime() - lastMove > STUCK.toNanos();
            }
            last = now;
        }
        long wrong = last.stream().mapToLong(Look::wrong).sum();
        if (wrong != 0 || last.stream().anyMatch(look -> look.alerts() != sent)) {
            throw new FlawedRunException(sent + " alerts were sent, "
                    + last.stream().map(look -> Long.toString(look.alerts())).toList() + " came; " + wrong
                    + " were wrong or out of order");
        }
    }

    /** All leave, senders first. */
    private void end() throws FlawedRunException, InterruptedException {
        for (List<Crew.Member> some : List.of(senders, receivers)) {
            crew.tell(some, "leave");
            crew.awaitEnd(some, LIMIT);
        }
    }

    private List<Look> look(List<Crew.Member> some) throws FlawedRunException, InterruptedException {
        return ask(some, "look").stream().map(Look::parse).toList();
    }

    private List<String> stopSenders() throws FlawedRunException, InterruptedException {
        crew.tell(senders, "stop");
        return crew.answers(senders, FLUSH_LIMIT);
    }

    private List<String> ask(List<Crew.Member> some, String line) throws FlawedRunException, InterruptedException {
        crew.tell(some, line);
        return crew.answers(some, LIMIT);
    }

    private static long sum(List<Look> looks) {
        return looks.stream().mapToLong(Look::alerts).sum();
    }

    private static long allocated(List<Look> looks) {
        return looks.stream().mapToLong(Look::allocated).sum();
    }
}
