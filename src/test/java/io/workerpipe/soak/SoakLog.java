package io.workerpipe.soak;

import io.workerpipe.process.ChildJvm;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What the soak tells: lines on standard output, faults in faults.log, gauges in soak.csv. Any thread. */
final class SoakLog implements AutoCloseable {
    private final long start = System.nanoTime();
    private final BufferedWriter faults;
    private final BufferedWriter gauges;

    SoakLog(Path folder) throws IOException {
        faults = Files.newBufferedWriter(folder.resolve("faults.log"));
        gauges = Files.newBufferedWriter(folder.resolve("soak.csv"));
        gauges.write("seconds,round,phase,worker,pid,resident_kib,own_kib,descriptors,threads,alerts_in,kills\n");
    }

    private String time() {
        return "%.3f".formatted((System.nanoTime() - start) / 1e9);
    }

    void say(String line) {
        System.out.println("soak: " + time() + " s: " + line);
    }

    synchronized void fault(int round, Fault fault, long pid) {
        try {
            faults.write(time() + " round " + round + " at " + fault.millis() + " ms: " + fault + " (process " + pid
                    + ")\n");
            faults.flush();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    synchronized void gauges(int round, String phase, List<Place> places, Map<Integer, Long> alertsIn,
            int kills) throws IOException {
        for (Place place : places) {
            ChildJvm child = place.child;
            Optional<Gauges> now = Gauges.of(child.pid());
            if (now.isPresent()) {
                Gauges of = now.get();
                gauges.write(String.join(",", time(), Integer.toString(round), phase, place.name(), Long.toString(
                        child.pid()), Long.toString(of.residentKib()), Long.toString(of.ownKib()),
                        Integer.toString(
                                of.descriptors()),
                        Integer.toString(of.threads()), Long.toString(alertsIn.getOrDefault((int) child.pid(), 0L)),
                        Integer.toString(kills)) + "\n");
            }
        }
        gauges.flush();
    }

    @Override
    public synchronized void close() throws IOException {
        faults.close();
        gauges.close();
    }
}
