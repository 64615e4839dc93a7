package io.workerpipe.soak;

import io.workerpipe.Ipc;
import io.workerpipe.WhenFull;
import io.workerpipe.Worker;
import io.workerpipe.process.Arguments;
import io.workerpipe.process.ChildJvm;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** A worker of the soak, in a process of its own; its main thread does what the driver says on standard input. */
final class SoakWorker {
    static final String GROUP = "soak";
    /** No fault lasts half as long: what leaves loses nothing. */
    private static final Duration CLOSE_LIMIT = Duration.ofSeconds(40);
    private static final int THREADS = 3;
    private static final int MIB = 1 << 20;

    private final Map<String, String> options;
    private final Journals journals;
    private final long outboxBytes;
    private final List<Thread> busy = new ArrayList<>();
    private volatile Membership membership;
    private volatile boolean quiet;

    private SoakWorker(Map<String, String> options) throws IOException {
        this.options = options;
        journals = new Journals(Path.of(options.get("journals")), options.get("place"),
                Integer.parseInt(options.get("round")));
        outboxBytes = Long.parseLong(options.get("outbox"));
        membership = join(options.containsKey("go"));
    }

    public static void main(String[] args) throws Exception {
        Map<String, String> options = Arguments.of(List.of(args));
        SoakWorker worker = new SoakWorker(options);
        answer("joined");
        if (options.containsKey("guest")) {
            worker.visit(Integer.parseInt(options.get("guest")));
            return;
        }
        if (options.containsKey("go")) {
            worker.go(options.get("go").split(","));
        }
        BufferedReader input = new BufferedReader(new InputStreamReader(System.in));
        for (String line = input.readLine(); line != null; line = input.readLine()) {
            if (!worker.run(line.split(" "))) {
                return;
            }
        }
        // The driver is gone.
        System.exit(1);
    }

    private static void answer(String line) {
        System.out.println(ChildJvm.ANSWER + line);
        System.out.flush();
    }

    private Membership join(boolean late) throws IOException {
        Ipc.Builder builder = Ipc.builder(GROUP).label(options.get("place")).outboxBytes(outboxBytes)
                .closeLimit(CLOSE_LIMIT).whenFull(policy(options.get("policy")));
        if (options.containsKey("guest")) {
            builder.guest();
        }
        return new Membership(builder, journals, late);
    }

    private static WhenFull policy(String name) {
        return switch (name) {
            case "refuse" -> WhenFull.refuse();
            case "wait" -> WhenFull.waitAtMost(Duration.ofMillis(500));
            case "drop-newest" -> WhenFull.dropNewest();
            case "drop-oldest" -> WhenFull.dropOldest();
            case "keep-last" -> WhenFull.keepLast();
            default -> throw new IllegalArgumentException("no policy is called " + name);
        };
    }

    /** @return false: the main thread ends, and all that is left are daemon threads */
    private boolean run(String[] words) throws Exception {
        switch (words[0]) {
            case "open" -> {
                membership.open(Integer.parseInt(words[1]));
                answer("opened");
            }
            case "go" -> {
                go(words[1].split(","));
                answer("going");
            }
            case "quiet" -> {
                quiet = true;
                for (Thread thread : busy) {
                    thread.join();
                }
                busy.clear();
                answer("quiet");
            }
            case "settle" -> answer(membership.settle() + " " + pids());
            case "rest" -> answer("rest " + membership.rest());
            case "rejoin" -> start("rejoin", () -> {
                membership.leave();
                membership = join(true);
                answer("rejoined");
            });
            case "collect" -> start("collect", () -> collect(Integer.parseInt(words[1])));
            case "nap" -> membership.nap(Integer.parseInt(words[1]));
            case "flood" -> {
                Traffic flood = new Traffic(Long.parseLong(words[3]), Long.parseLong(words[4]), outboxBytes, false);
                start("flood", () -> flood.flood(membership, Long.parseLong(words[1]), Integer.parseInt(words[2]),
                        () -> quiet));
            }
            case "leave" -> {
                membership.leave();
                answer("left");
                return false;
            }
            default -> throw new IOException("what is \"" + String.join(" ", words) + "\"?");
        }
        return true;
    }

    private String pids() {
        return membership.ipc.workers().stream().map(worker -> Long.toString(worker.pid())).sorted()
                .collect(Collectors.joining(","));
    }

    /** go SEED,SMALL */
    private void go(String[] words) {
        quiet = false;
        for (int thread = 1; thread <= THREADS; thread++) {
            Traffic traffic = new Traffic(thread, Long.parseLong(words[0]), outboxBytes, words[1].equals("small"));
            start("traffic-" + thread, () -> traffic.run(() -> membership, () -> quiet));
        }
    }

    interface Work {
        void run() throws Exception;
    }

    private void start(String name, Work work) {
        busy.removeIf(thread -> !thread.isAlive());
        busy.add(Thread.ofPlatform().daemon().name(name).start(() -> {
            try {
                work.run();
            } catch (Throwable e) {
                System.out.println("FAILED: " + name);
                e.printStackTrace(System.out);
                System.out.flush();
            }
        }));
    }

    /** Long collections: much is alive, in small pieces. */
    private static void collect(int mib) {
        List<byte[]> alive = new ArrayList<>();
        for (int i = 0; i < mib * (MIB / 256); i++) {
            alive.add(new byte[240]);
        }
        for (int i = 0; i < 5; i++) {
            System.gc();
        }
        if (alive.isEmpty()) {
            throw new AssertionError("nothing was alive");
        }
    }

    /** A guest: it sends so many alerts, and goes. */
    private void visit(int alerts) throws Exception {
        Traffic traffic = new Traffic(1, Long.parseLong(options.get("seed")), outboxBytes, alerts < 1_000);
        for (int i = 0; i < alerts; i++) {
            List<Worker> workers = membership.ipc.workers();
            // All others may be dead at this moment.
            if (!workers.isEmpty()) {
                Worker to = workers.get(i % workers.size());
                int length = traffic.length();
                if (length > outboxBytes / 2) {
                    membership.lend(1, to, length);
                } else {
                    membership.send(1, to, length, i);
                }
            }
        }
        membership.leave();
        answer("left");
    }
}
