package io.workerpipe.bench.storm;

import io.workerpipe.Ipc;
import io.workerpipe.Worker;
import io.workerpipe.bench.process.Measurement;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/**
 * One worker process. It does what standard input says, and answers each line with one: {@code inject}, {@code look},
 * {@code measure FROM UNTIL} (see {@link Measurement}), {@code stop}, {@code leave}. When the input ends, so does it.
 */
public final class StormWorker {
    private static final String GROUP = "storm";

    private StormWorker() {}

    /** @param arguments index, number of workers, bytes, alerts to put in */
    public static void main(String[] arguments) throws Exception {
        int index = Integer.parseInt(arguments[0]);
        int workers = Integer.parseInt(arguments[1]);
        int bytes = Integer.parseInt(arguments[2]);
        int inFlight = Integer.parseInt(arguments[3]);
        BufferedReader commands = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
        try (Ipc ipc = Ipc.builder(GROUP).index(index).join()) {
            if (!ipc.awaitWorkers(workers, Duration.ofSeconds(100))) {
                throw new IllegalStateException("of " + workers + " workers only " + ipc.workers());
            }
            long[] others = ipc.workers().stream().mapToLong(Worker::pid).filter(pid -> pid != ipc.self().pid())
                    .toArray();
            Bouncer bouncer = new Bouncer(ipc, others, bytes, index);
            ipc.receive(StormCase.ALERT, bouncer);
            System.out.println("ready");
            for (String line = commands.readLine(); line != null; line = commands.readLine()) {
                String[] command = line.split(" ");
                switch (command[0]) {
                    case "inject" -> System.out.println(bouncer.inject(index, inFlight));
                    case "look" -> System.out.println(bouncer.look().line());
                    case "measure" -> System.out.println(Measurement.take(Long.parseLong(command[1]),
                            Long.parseLong(command[2]), bouncer::look, Snapshot::line));
                    case "stop" -> {
                        bouncer.stop();
                        System.out.println("stopped");
                    }
                    case "leave" -> {
                        return;
                    }
                    default -> throw new IllegalArgumentException(line);
                }
            }
            // Nobody is there any more who could want an orderly end.
            Runtime.getRuntime().halt(1);
        }
    }
}
