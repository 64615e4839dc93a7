package io.workerpipe.bench.flow;

import io.workerpipe.bench.Contest;
import io.workerpipe.bench.Entrant;
import io.workerpipe.bench.carrier.Carriers;
import io.workerpipe.bench.carrier.Scene;
import java.util.ArrayList;
import java.util.List;

/** The cases with all systems that can take part. */
public final class Flows {
    private static final List<String> SYSTEMS = List.of("workerpipe", "c-pipe", "c-splice", "ancestor-c", "aeron-ipc",
            "jdk-uds", "jdk-uds-single", "netty-uds");

    /** A system that lets no sender wait would fill the memory with longer ones. */
    private static final int MOST_UNBOUNDED = 100;

    private Flows() {}

    private static List<Scene> scenes() {
        List<Scene> scenes = new ArrayList<>();
        for (int bytes : new int[]{10, 100, 1024, 4000, 10_240, 1 << 20}) {
            scenes.add(Scene.flow("pair-" + bytes, 1, 1, 1, bytes));
        }
        scenes.add(Scene.flow("threads-8-10", 1, 1, 8, 10));
        scenes.add(Scene.flow("many-to-one-8-10", 1, 8, 1, 10));
        scenes.add(Scene.flow("fan-20-10", 20, 1, 1, 10));
        scenes.add(Scene.flow("fan-20-10240", 20, 1, 1, 10_240));
        return scenes;
    }

    /** The cases. */
    public static List<Contest> contests(Carriers carriers) {
        return scenes().stream().map(scene -> {
            List<Entrant> entrants = new ArrayList<>();
            for (String system : SYSTEMS) {
                carriers.find(system).ifPresent(carrier -> entrants.add(new Flow(carrier, scene)));
            }
            if (scene.receivers() * scene.threads() * scene.senders() == 1 && scene.bytes() <= MOST_UNBOUNDED) {
                carriers.find("chronicle-queue").ifPresent(carrier -> entrants.add(new Flow(carrier, scene)));
            }
            return new Contest(scene.name(), entrants);
        }).toList();
    }
}
