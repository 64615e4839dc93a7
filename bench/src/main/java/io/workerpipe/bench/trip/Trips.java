package io.workerpipe.bench.trip;

import io.workerpipe.bench.Contest;
import io.workerpipe.bench.Entrant;
import io.workerpipe.bench.carrier.Carriers;
import io.workerpipe.bench.carrier.Scene;
import io.workerpipe.bench.flow.Flow;
import io.workerpipe.bench.transport.AeronVariant;
import io.workerpipe.bench.transport.AeronVariant.Idle;
import io.workerpipe.bench.transport.Waiting;
import java.util.ArrayList;
import java.util.List;

/** Round trips and latencies at a fixed rate, with all systems that can take part. */
public final class Trips {
    private static final int BYTES = 32;
    private static final int TERM_BYTES = 1 << 20;
    private static final List<Integer> SHARES = List.of(10, 50, 80);

    private Trips() {}

    /** Ping-pong in three ways of waiting. A system takes part in those that it has. */
    public static List<Contest> roundTrips(Carriers carriers) {
        return List.of(
                roundTrips(carriers, Waiting.BLOCK,
                        List.of("workerpipe", "c-pipe", "ancestor-c", "jdk-uds", "netty-uds")),
                roundTrips(carriers, Waiting.SPIN,
                        List.of("workerpipe", "c-pipe", "aeron-ipc", "jdk-uds", "chronicle-queue")),
                roundTrips(carriers, Waiting.DEFAULT, List.of("workerpipe", "aeron-ipc")));
    }

    private static Contest roundTrips(Carriers carriers, Waiting waiting, List<String> systems) {
        Scene scene = new Scene("rtt-" + waiting.text(), waiting, 2, 0, 1, BYTES);
        List<Entrant> entrants = new ArrayList<>();
        for (String system : systems) {
            String variant = system.equals("aeron-ipc") ? aeron(waiting).text() : "";
            carriers.find(system).ifPresent(carrier -> entrants.add(new RoundTrip(carrier, scene, variant)));
        }
        return new Contest(scene.name(), entrants);
    }

    private static AeronVariant aeron(Waiting waiting) {
        return new AeronVariant(AeronVariant.Publication.EXCLUSIVE, AeronVariant.Method.CLAIM,
                waiting == Waiting.SPIN ? Idle.SPIN : Idle.BACKOFF, TERM_BYTES);
    }

    /** Latency at shares of the best rate that each system reached in a pair. */
    public static List<Contest> rates(Contest pair) {
        return SHARES.stream().map(share -> {
            Scene scene = Scene.flow("rate-" + share + "pct", 1, 1, 1, 100);
            List<Entrant> entrants = new ArrayList<>();
            for (Entrant entrant : pair.entrants()) {
                if (List.of("workerpipe", "c-pipe", "aeron-ipc", "jdk-uds").contains(entrant.system())) {
                    entrants.add(new FixedRate((Flow) entrant, scene, share / 100.0));
                }
            }
            return new Contest(scene.name(), entrants);
        }).toList();
    }
}
