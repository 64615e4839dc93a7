package io.workerpipe.bench.large;

import io.workerpipe.bench.Contest;
import io.workerpipe.bench.Entrant;
import io.workerpipe.bench.FlawedRunException;
import io.workerpipe.bench.Plan;
import io.workerpipe.bench.Reading;
import io.workerpipe.bench.carrier.Carrier;
import io.workerpipe.bench.carrier.Carriers;
import io.workerpipe.bench.carrier.Scene;
import io.workerpipe.bench.performer.Look;
import io.workerpipe.bench.process.CpuTime;
import io.workerpipe.bench.process.Crew;
import io.workerpipe.bench.process.Memory;
import io.workerpipe.bench.process.Pause;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** One alert of 4,294,967,040 bytes, lent; in a smoke run a sixteenth of it. */
public record Large(Carrier carrier) implements Entrant {
    private static final String NAME = "large";
    private static final long BYTES = 4_294_967_040L;
    private static final long BYTES_OF_SMOKE = BYTES / 16;
    private static final Duration LIMIT = Duration.ofSeconds(100);
    private static final Duration GLANCE = Duration.ofMillis(20);
    private static final double MIB = 1 << 20;

    /** The case, with those systems that can carry so much. */
    public static Contest contest(Carriers carriers) {
        List<Entrant> entrants = new ArrayList<>();
        for (String system : List.of("workerpipe", "c-pipe")) {
            carriers.find(system).ifPresent(carrier -> entrants.add(new Large(carrier)));
        }
        return new Contest(NAME, entrants);
    }

    @Override
    public String system() {
        return carrier.system();
    }

    @Override
    public List<Reading> play(Plan plan) throws FlawedRunException, InterruptedException {
        Scene scene = Scene.flow(NAME, 1, 1, 1, plan.isSmoke() ? BYTES_OF_SMOKE : BYTES);
        try (Crew crew = new Crew(plan.logs().resolve(NAME + "-" + system() + ".log"))) {
            // The sender holds it, and the receiver gets it.
            if (Memory.available() < 5 * scene.bytes() / 2) {
                throw new FlawedRunException("there are only " + Memory.available() + " bytes of memory available");
            }
            List<Crew.Member> receiver = List.of(crew.start(carrier.performer("receive", scene, 0, "", crew.folder())));
            List<Crew.Member> sender = List.of(crew.start(carrier.performer("send", scene, 1, "", crew.folder())));
            crew.answers(receiver, LIMIT);
            crew.answers(sender, LIMIT);
            long before = Memory.peak(receiver.getFirst().process().pid());
            double cpuBefore = CpuTime.seconds(crew.pids());
            long start = Long.parseLong(ask(crew, sender, "once"));
            awaitOne(crew, receiver);
            double cpu = CpuTime.seconds(crew.pids()) - cpuBefore;
            long arrival = Long.parseLong(ask(crew, receiver, "arrival"));
            double growth = (Memory.peak(receiver.getFirst().process().pid()) - before) / MIB;
            for (List<Crew.Member> some : List.of(sender, receiver)) {
                crew.tell(some, "leave");
                crew.awaitEnd(some, LIMIT);
            }
            return List.of(new Reading("throughput", "GB/s", scene.bytes() / (double) (arrival - start)),
                    new Reading("VmHWM beyond the alert", "MiB", growth - scene.bytes() / MIB),
                    new Reading("cpu", "CPU s", cpu));
        } catch (IOException e) {
            throw new FlawedRunException(e.toString(), e);
        }
    }

    private static void awaitOne(Crew crew, List<Crew.Member> receiver)
            throws FlawedRunException, InterruptedException {
        long end = System.nanoTime() + LIMIT.toNanos();
        Look look = Look.parse(ask(crew, receiver, "look"));
        while (look.alerts() == 0 && System.nanoTime() < end) {
            Pause.of(GLANCE);
            look = Look.parse(ask(crew, receiver, "look"));
        }
        if (look.alerts() != 1 || look.wrong() != 0) {
            throw new FlawedRunException(look.alerts() + " alerts came, " + look.wrong() + " of them wrong");
        }
    }

    private static String ask(Crew crew, List<Crew.Member> one, String line)
            throws FlawedRunException, InterruptedException {
        crew.tell(one, line);
        return crew.answers(one, LIMIT).getFirst();
    }
}
