package io.workerpipe.process;

import io.workerpipe.Alert;
import io.workerpipe.Ipc;
import io.workerpipe.WhenFull;
import io.workerpipe.Worker;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * A member, in a process of its own, that broadcasts and sends as fast as it can, and looks at the order of what it gets:
 * the numbers of one sender's stream only grow, whichever of its threads sent them, and whether to all or to one.
 */
final class Broadcaster {
    private static final String NAME = "n";
    private static final int STREAMS = 3;
    /** A sender's pid, its stream, a number. */
    private static final int HEAD = 2 * Long.BYTES;

    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED;

    /** By sender, or by receiver: how many, and the sum of their numbers. */
    private static final class Sums {
        private final Map<Long, long[]> byPid = new TreeMap<>();

        synchronized void add(long pid, long number) {
            long[] sums = byPid.computeIfAbsent(pid, p -> new long[2]);
            sums[0]++;
            sums[1] += number;
        }

        @Override
        public synchronized String toString() {
            return byPid.entrySet().stream().map(e -> e.getKey() + "=" + e.getValue()[0] + "/" + e.getValue()[1])
                    .collect(Collectors.joining(" "));
        }
    }

    private final Ipc ipc;
    private final Sums got = new Sums();
    private final Map<Long, Long> last = new TreeMap<>();
    private volatile String fault = "none";
    private volatile boolean enough;

    private Broadcaster(String group) {
        ipc = Ipc.builder(group).whenFull(WhenFull.waitAtMost(Duration.ofSeconds(60))).receive(NAME, this::received)
                .join();
    }

    private void received(Alert alert) {
        MemorySegment data = alert.data();
        long stream = data.get(LONG, 0);
        long number = data.get(LONG, Long.BYTES);
        Long before = last.put(stream, number);
        if (before != null && before >= number) {
            fault = number + " came after " + before;
        }
        for (long at = HEAD; at < data.byteSize(); at++) {
            if (data.get(ValueLayout.JAVA_BYTE, at) != (byte) (number + at)) {
                fault = "byte " + at + " of " + number;
            }
        }
        got.add(stream / STREAMS, number);
    }

    public static void main(String[] args) throws Exception {
        Broadcaster broadcaster = new Broadcaster(args[0]);
        say(ChildJvm.ANSWER + "joined");
        BufferedReader input = new BufferedReader(new InputStreamReader(System.in));
        for (String line = input.readLine(); line != null; line = input.readLine()) {
            String[] words = line.split(" ");
            switch (words[0]) {
                case "await" -> {
                    if (broadcaster.ipc.awaitWorkers(Integer.parseInt(words[1]), ChildJvm.LIMIT)) {
                        say(ChildJvm.ANSWER + "there");
                    }
                }
                case "run" -> Thread.ofPlatform().start(
                        () -> broadcaster.run(Long.parseLong(words[1]), Integer.parseInt(words[2])));
                case "enough" -> broadcaster.enough = true;
                case "got" -> say(ChildJvm.ANSWER + "got " + broadcaster.fault + "; " + broadcaster.got);
                case "leave" -> {
                    broadcaster.ipc.close();
                    say(ChildJvm.ANSWER + "left");
                    return;
                }
                default -> throw new IllegalArgumentException(line);
            }
        }
        System.exit(0);
    }

    private static synchronized void say(String line) {
        System.out.println(line);
        System.out.flush();
    }

    /** Two threads for each stream. */
    private void run(long seed, int count) {
        Sums sent = new Sums();
        List<Thread> threads = new ArrayList<>();
        try {
            for (int i = 0; i < STREAMS; i++) {
                Stream stream = new Stream(ipc.self().pid() * STREAMS + i, count, sent);
                for (int thread = 0; thread < 2; thread++) {
                    Random random = new Random(seed + 2 * i + thread);
                    threads.add(Thread.ofPlatform().start(() -> stream.run(random)));
                }
            }
            for (Thread thread : threads) {
                thread.join();
            }
            // Nobody asks for a flush: what was sent comes by itself.
            say(ChildJvm.EVENT + "sent " + sent);
        } catch (InterruptedException e) {
            say(ChildJvm.EVENT + "failed " + e);
        }
    }

    private final class Stream {
        private final long stream;
        private final int count;
        private final Sums sent;
        private long next;

        Stream(long stream, int count, Sums sent) {
            this.stream = stream;
            this.count = count;
            this.sent = sent;
        }

        void run(Random random) {
            try {
                for (int kind = 0; send(random, kind);) {
                    // Most go on as they began: only so do broadcasts come fast.
                    kind = random.nextInt(100) == 0 ? random.nextInt(1000) : kind;
                }
            } catch (Throwable e) {
                e.printStackTrace(System.out);
                say(ChildJvm.EVENT + "failed " + e);
            }
        }

        /** What a thread sends comes after what the other has sent before it. */
        private synchronized boolean send(Random random, int kind) throws InterruptedException {
            if (next == count || enough) {
                return false;
            }
            long number = next++;
            MemorySegment data = data(number, HEAD + random.nextInt(kind % 10 == 9 ? 6000 : 40));
            List<Worker> workers = ipc.workers();
            if (kind < 600) {
                ipc.broadcast(NAME, data);
                workers.forEach(worker -> sent.add(worker.pid(), number));
            } else if (kind < 850) {
                ipc.broadcastToOthers(NAME, data);
                workers.stream().filter(worker -> worker.pid() != ipc.self().pid())
                        .forEach(worker -> sent.add(worker.pid(), number));
            } else if (kind < 990) {
                // Not to the one who comes and goes: it could not be counted.
                Worker to = workers.get(random.nextInt(Math.min(3, workers.size())));
                ipc.send(to, NAME, data);
                sent.add(to.pid(), number);
            } else if (!ipc.flush(ChildJvm.LIMIT)) {
                throw new IllegalStateException("not flushed");
            }
            return true;
        }

        private MemorySegment data(long number, int length) {
            byte[] bytes = new byte[length];
            MemorySegment data = MemorySegment.ofArray(bytes);
            data.set(LONG, 0, stream);
            data.set(LONG, Long.BYTES, number);
            for (int at = HEAD; at < length; at++) {
                bytes[at] = (byte) (number + at);
            }
            return data;
        }
    }
}
