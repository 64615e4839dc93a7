package io.workerpipe.process;

import io.workerpipe.Alert;
import io.workerpipe.Ipc;
import io.workerpipe.Loss;
import io.workerpipe.NoSuchWorkerException;
import io.workerpipe.OutboxFullException;
import io.workerpipe.Statistics;
import io.workerpipe.WhenFull;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A member, or a guest, whose policy drops: it floods others with numbered alerts, and writes down what comes, alerts and
 * losses, one a line. The main thread reads the commands.
 */
final class DroppingMember {
    private final Ipc ipc;
    private final PrintWriter seen;
    private final Map<Long, Integer> sent = new HashMap<>();

    private DroppingMember(String group, Path file, Map<String, String> options) throws IOException {
        seen = new PrintWriter(Files.newBufferedWriter(file));
        Ipc.Builder builder = Ipc.builder(group).label(options.get("label"))
                .outboxBytes(Long.parseLong(options.get("outbox"))).pipeBytes(Integer.parseInt(options.get("pipe")))
                .poolBytes(Long.parseLong(options.getOrDefault("pool", "268435456")))
                .closeLimit(Duration.ofMillis(Long.parseLong(options.getOrDefault("close", "60000"))))
                .whenFull(policy(options.get("policy"))).receiveUnknown(this::received).receiveLoss(this::lost);
        if (options.containsKey("guest")) {
            builder.guest();
        }
        ipc = builder.join();
    }

    private static WhenFull policy(String name) {
        return switch (name) {
            case "newest" -> WhenFull.dropNewest();
            case "oldest" -> WhenFull.dropOldest();
            case "last" -> WhenFull.keepLast();
            default -> throw new IllegalArgumentException(name);
        };
    }

    public static void main(String[] args) throws Exception {
        Map<String, String> options = new HashMap<>();
        for (String option : Arrays.asList(args).subList(2, args.length)) {
            options.put(option.substring(0, option.indexOf('=')), option.substring(option.indexOf('=') + 1));
        }
        DroppingMember member = new DroppingMember(args[0], Path.of(args[1]), options);
        answer("joined");
        BufferedReader input = new BufferedReader(new InputStreamReader(System.in));
        for (String line = input.readLine(); line != null; line = input.readLine()) {
            member.run(line.split(" "));
            if (line.equals("leave")) {
                return;
            }
        }
        System.exit(0);
    }

    private static void answer(String line) {
        System.out.println(ChildJvm.ANSWER + line);
        System.out.flush();
    }

    private void run(String[] words) throws Exception {
        switch (words[0]) {
            case "await" -> {
                if (ipc.awaitWorkers(Integer.parseInt(words[1]), ChildJvm.LIMIT)) {
                    answer("there");
                }
            }
            case "flood" -> flood(words);
            case "lend" -> {
                // Until there is no room for another one.
                MemorySegment data = Arena.ofAuto().allocate(Long.parseLong(words[2]));
                int lent = 0;
                try {
                    for (;; lent++) {
                        ipc.lend(Long.parseLong(words[1]), "lent", data);
                    }
                } catch (OutboxFullException e) {
                    answer("lent " + lent + " " + e.getMessage());
                }
            }
            case "statistics" -> {
                Statistics counted = ipc.statistics();
                answer("statistics " + counted.alertsOut() + " " + counted.dropped() + " " + counted.lostWithPeer()
                        + " " + counted.refused() + " " + counted.queuedBytes());
            }
            case "flush" -> answer(ipc.flush(ChildJvm.LIMIT) ? "flushed" : "unflushed");
            case "leave" -> {
                ipc.close();
                seen.close();
                answer("left");
            }
            default -> throw new IOException("what is \"" + String.join(" ", words) + "\"?");
        }
    }

    /** flood PID COUNT LENGTH NAMES THREADS: each thread numbers its alerts, and gives them so many names in turn. */
    private void flood(String[] words) throws InterruptedException {
        long pid = Long.parseLong(words[1]);
        int count = Integer.parseInt(words[2]);
        int length = Integer.parseInt(words[3]);
        int names = Integer.parseInt(words[4]);
        int from = sent.merge(pid, count, Integer::sum) - count;
        int[] gone = new int[1];
        List<Thread> threads = new ArrayList<>();
        for (int thread = 0; thread < Integer.parseInt(words[5]); thread++) {
            long stream = (long) thread << 32;
            Thread.Builder builder = thread % 2 == 0 ? Thread.ofPlatform() : Thread.ofVirtual();
            threads.add(builder.start(() -> {
                for (int number = from; number < from + count; number++) {
                    try {
                        ipc.send(pid, "n" + number % names, Payload.of(ipc.self().incarnation(), pid, stream | number,
                                (int) ipc.self().pid(), length));
                    } catch (NoSuchWorkerException e) {
                        synchronized (gone) {
                            gone[0]++;
                        }
                    }
                }
            }));
        }
        for (Thread thread : threads) {
            thread.join();
        }
        answer("flooded " + gone[0]);
    }

    // ---------------------------------------------------------------- receiving, on the reader thread

    private void received(Alert alert) {
        if (alert.name().equals("lent")) {
            return;
        }
        Payload.Header header = Payload.check(alert.data());
        boolean whole = header != null && header.senderPid() == alert.senderPid()
                && header.receiver() == ProcessHandle.current().pid();
        seen.println(whole
                ? alert.senderPid() + " " + header.sequence() + " " + alert.name()
                : alert.senderPid() + " broken " + alert);
    }

    private void lost(Loss loss) {
        seen.println(loss.sender().pid() + " lost " + loss.count());
    }
}
