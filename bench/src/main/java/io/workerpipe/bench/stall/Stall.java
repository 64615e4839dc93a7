package io.workerpipe.bench.stall;

import io.workerpipe.bench.Contest;
import io.workerpipe.bench.Entrant;
import io.workerpipe.bench.FlawedRunException;
import io.workerpipe.bench.Plan;
import io.workerpipe.bench.Reading;
import io.workerpipe.bench.process.CpuTime;
import io.workerpipe.bench.process.Crew;
import io.workerpipe.bench.process.Jvm;
import io.workerpipe.bench.process.Pause;
import io.workerpipe.linux.Proc;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;

/**
 * One process sends to another as fast as it can, while a third one is stopped by SIGSTOP, has a full outbox, and is tried
 * again with every tenth alert; and the same where nobody sends to the third.
 */
public final class Stall implements Entrant {
    private static final Duration LIMIT = Duration.ofSeconds(100);
    private static final Duration GLANCE = Duration.ofMillis(2);

    private final String system;
    private final boolean stops;

    private Stall(String system, boolean stops) {
        this.system = system;
        this.stops = stops;
    }

    public static Contest contest() {
        return new Contest("stall-100", List.of(new Stall("workerpipe", true), new Stall("none-stopped", false)));
    }

    @Override
    public String system() {
        return system;
    }

    @Override
    public List<Reading> play(Plan plan) throws FlawedRunException, InterruptedException {
        try (Crew crew = new Crew(plan.logs().resolve("stall-100-" + system + ".log"))) {
            List<Crew.Member> workers = List.of(start(crew, StallWorker.READER), start(crew, StallWorker.OTHER),
                    start(crew, StallWorker.SENDER));
            crew.answers(LIMIT);
            List<Crew.Member> sender = workers.subList(StallWorker.SENDER, StallWorker.SENDER + 1);
            long other = workers.get(StallWorker.OTHER).process().pid();
            ask(crew, sender, "send " + plan.warmUpLimit(3).toMillis() + " " + stops);
            if (stops) {
                signal("STOP", other);
                while (Proc.state((int) other) != 'T') {
                    Pause.of(GLANCE);
                }
                ask(crew, sender, "fill");
            }
            double cpu = CpuTime.seconds(crew.pids());
            long[] window = numbers(ask(crew, sender, "send " + plan.window().toMillis() + " " + stops));
            cpu = CpuTime.seconds(crew.pids()) - cpu;
            if (stops) {
                signal("CONT", other);
            }
            long[] sent = numbers(ask(crew, sender, "finish"));
            check(crew, workers.subList(StallWorker.READER, StallWorker.READER + 1), sent[0]);
            check(crew, workers.subList(StallWorker.OTHER, StallWorker.OTHER + 1), sent[1]);
            crew.tell("leave");
            crew.awaitEnd(LIMIT);
            return List.of(new Reading("rate", "alerts/s", window[0] * 1e9 / window[1]),
                    new Reading("cpu", "CPU s per million alerts", cpu * 1e6 / window[0]));
        } catch (IOException e) {
            throw new FlawedRunException(e.toString(), e);
        }
    }

    private static Crew.Member start(Crew crew, int index) throws IOException {
        return crew.start(Jvm.command(crew.folder(), List.of(), StallWorker.class, Integer.toString(index)));
    }

    private static String ask(Crew crew, List<Crew.Member> one, String line)
            throws FlawedRunException, InterruptedException {
        crew.tell(one, line);
        return crew.answers(one, LIMIT).getFirst();
    }

    private static long[] numbers(String line) {
        return Arrays.stream(line.split(" ")).mapToLong(Long::parseLong).toArray();
    }

    /** All that was accepted has come, in order, with each byte right. */
    private static void check(Crew crew, List<Crew.Member> receiver, long sent)
            throws FlawedRunException, InterruptedException {
        long end = System.nanoTime() + LIMIT.toNanos();
        for (;;) {
            long[] counts = numbers(ask(crew, receiver, "count"));
            if (counts[1] != 0 || counts[0] > sent || System.nanoTime() > end) {
                throw new FlawedRunException(sent + " alerts were sent, " + counts[0] + " came; " + counts[1]
                        + " were wrong or out of order");
            }
            if (counts[0] == sent) {
                return;
            }
            Pause.of(GLANCE);
        }
    }

    private static void signal(String name, long pid) throws IOException, InterruptedException {
        if (new ProcessBuilder("kill", "-" + name, Long.toString(pid)).inheritIO().start().waitFor() != 0) {
            throw new IOException("kill -" + name + " " + pid + " failed");
        }
    }
}
