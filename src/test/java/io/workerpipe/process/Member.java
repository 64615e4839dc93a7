package io.workerpipe.process;

import io.workerpipe.Alert;
import io.workerpipe.DataTooLongException;
import io.workerpipe.ForcedJoin;
import io.workerpipe.Ipc;
import io.workerpipe.IpcException;
import io.workerpipe.NoSuchWorkerException;
import io.workerpipe.OutboxFullException;
import io.workerpipe.WhenFull;
import io.workerpipe.Worker;
import io.workerpipe.loop.Forced;
import io.workerpipe.process.Journal.Kind;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;

/**
 * A member of a group, in a process of its own: it does what a test says on its standard input and keeps a {@link Journal}.
 * The main thread reads the commands; "traffic" runs beside it.
 */
final class Member {
    /** The name of alerts that carry a {@link Payload} and are written down. */
    private static final String TRAFFIC = "traffic";
    private static final String PING = "ping";
    private static final String PONG = "pong";
    private static final String BLOCK = "block";

    private static final int USUAL_LENGTH = 20 << 10;
    private static final int LARGE_LENGTH = 1 << 20;

    private final Journal journal;
    private final Ipc ipc;
    /** Our incarnation. The first alert may come before join has returned: then its handler waits here. */
    private final CompletableFuture<Long> self = new CompletableFuture<>();
    private final Stream main = new Stream(0);
    private final AtomicReference<Semaphore> blocked = new AtomicReference<>();
    /** Traffic ends before its time. */
    private volatile boolean quiet;
    /** Null: as the machine has it. */
    private Forced forced;
    private final Semaphore pongs = new Semaphore(0);

    private Member(String group, Journal journal, Map<String, String> options) {
        this.journal = journal;
        Ipc.Builder builder = Ipc.builder(group).label(options.getOrDefault("label", ""))
                .closeLimit(Duration.ofMillis(Long.parseLong(options.getOrDefault("close", "60000"))))
                .receive(TRAFFIC, this::received).receive(PING, Member::ping)
                .receive(PONG, this::pong).receive(BLOCK, alert -> block());
        if (options.containsKey("outbox")) {
            builder.outboxBytes(Long.parseLong(options.get("outbox")));
        }
        if (options.containsKey("pool")) {
            builder.poolBytes(Long.parseLong(options.get("pool")));
        }
        if (options.containsKey("pipe")) {
            builder.pipeBytes(Integer.parseInt(options.get("pipe")));
        }
        if (options.containsKey("wait")) {
            builder.whenFull(WhenFull.waitAtMost(Duration.ofMillis(Long.parseLong(options.get("wait")))));
        }
        if (options.containsKey("pool")) {
            builder.poolBytes(Long.parseLong(options.get("pool")));
        }
        if (options.containsKey("spin")) {
            builder.spin(Duration.ofNanos(1000 * Long.parseLong(options.get("spin"))));
        }
        if (options.containsKey("pages")) {
            forced = new Forced(options.get("pages").equals("many"), options.get("splice").equals("forced"));
            ForcedJoin.force(builder, forced);
        }
        this.ipc = builder.join();
        self.complete(ipc.self().incarnation());
        journal.owner(ipc.self().incarnation(), ipc.self().pid());
    }

    public static void main(String[] args) throws Exception {
        Map<String, String> options = Arguments.of(Arrays.asList(args).subList(2, args.length));
        Member member = new Member(args[0], Journal.create(Path.of(args[1])), options);
        answer("joined");
        BufferedReader input = new BufferedReader(new InputStreamReader(System.in));
        for (String line = input.readLine(); line != null; line = input.readLine()) {
            if (!member.run(line.split(" "))) {
                return;
            }
        }
        // The test is over.
        System.exit(0);
    }

    private static void answer(String line) {
        System.out.println(ChildJvm.ANSWER + line);
        System.out.flush();
    }

    private static void event(String line) {
        System.out.println(ChildJvm.EVENT + line);
        System.out.flush();
    }

    /** @return false: the main thread ends, and all that is left are daemon threads */
    private boolean run(String[] words) throws Exception {
        switch (words[0]) {
            case "await" -> {
                if (ipc.awaitWorkers(Integer.parseInt(words[1]), ChildJvm.LIMIT)) {
                    answer("there");
                }
            }
            case "workers" -> answer("workers " + pids());
            case "traffic" -> {
                for (int thread = 1; thread <= Integer.parseInt(words[3]); thread++) {
                    Stream stream = new Stream(thread);
                    Thread.Builder builder = thread % 2 == 0 ? Thread.ofVirtual() : Thread.ofPlatform();
                    builder.name("traffic-" + thread).start(() -> traffic(stream, words));
                }
            }
            case "quiet" -> {
                quiet = true;
                answer("quiet");
            }
            case "broadcast" -> broadcast(Integer.parseInt(words[1]), Long.parseLong(words[2]));
            case "send" -> answer(outcome(Long.parseLong(words[1]), Integer.parseInt(words[2])));
            case "send-waiting" -> {
                Thread sender = Thread.currentThread();
                Thread.ofPlatform().daemon().start(() -> tellWhenWaiting(sender));
                answer(outcome(Long.parseLong(words[1]), Integer.parseInt(words[2])));
            }
            case "exit-after" -> exitAfter(words);
            case "exit" -> System.exit(Integer.parseInt(words[1]));
            case "halt" -> Runtime.getRuntime().halt(Integer.parseInt(words[1]));
            case "try" -> fill(Long.parseLong(words[1]), Integer.parseInt(words[2]));
            case "lend" -> lend(Long.parseLong(words[1]), Integer.parseInt(words[2]));
            case "block" -> {
                ipc.send(Long.parseLong(words[1]), BLOCK, "");
                answer("sent");
            }
            case "release" -> {
                blocked.get().release();
                answer("released");
            }
            case "collect" -> Thread.ofPlatform().daemon().start(this::collect);
            case "enough" -> collecting = false;
            case "ping" -> pingPong(Long.parseLong(words[1]), Integer.parseInt(words[2]),
                    words.length > 3 ? Integer.parseInt(words[3]) : 0);
            case "flush" -> answer(ipc.flush(ChildJvm.LIMIT) ? "flushed" : "unflushed");
            case "tear" -> {
                forced.tear();
                answer("torn");
            }
            case "splices" -> answer("splices " + forced.splices());
            case "statistics" -> answer("statistics " + ipc.statistics());
            case "leave" -> {
                ipc.close();
                answer("left");
                return false;
            }
            case "return" -> {
                return false;
            }
            default -> throw new IOException("what is \"" + String.join(" ", words) + "\"?");
        }
        return true;
    }

    private String pids() {
        return ipc.workers().stream().map(worker -> Long.toString(worker.pid())).sorted()
                .collect(Collectors.joining(","));
    }

    // ---------------------------------------------------------------- receiving

    private void received(Alert alert) {
        Payload.Header header = Payload.check(alert.data());
        boolean whole = header != null && header.senderPid() == alert.senderPid()
                && (header.receiver() == Payload.ALL || header.receiver() == self.join());
        if (whole) {
            journal.write(Kind.RECEIVED, header.sender(), header.sequence(), (int) alert.length(),
                    header.receiver() == Payload.ALL);
        } else {
            System.out.println("broken: " + alert + ", " + header);
            journal.write(Kind.BROKEN, 0, 0, (int) alert.length(), false);
        }
    }

    private static void ping(Alert alert) {
        alert.reply(PONG, alert.data());
    }

    /** A number in at least so many characters. */
    private static String padded(int number, int length) {
        String digits = Integer.toString(number);
        return "0".repeat(Math.max(0, length - digits.length())) + digits;
    }

    private void pong(Alert alert) {
        int left = Integer.parseInt(alert.text()) - 1;
        if (left == 0) {
            pongs.release();
        } else {
            alert.reply(PING, padded(left, (int) alert.data().byteSize()));
        }
    }

    private void block() {
        Semaphore gate = new Semaphore(0);
        blocked.set(gate);
        event("blocked");
        gate.acquireUninterruptibly();
    }

    private volatile boolean collecting = true;

    /** One garbage collection after the other, of a heap that is full of objects: no other thread runs for long. */
    private void collect() {
        List<Long> objects = new ArrayList<>();
        for (long i = 0; i < 4_000_000; i++) {
            objects.add(i);
        }
        int collections = 0;
        for (; collecting; collections++) {
            System.gc();
            if (collections == 0) {
                event("collecting");
            }
        }
        event("collected " + collections + " times " + objects.size());
    }

    // ---------------------------------------------------------------- sending

    /** What one thread sends. The sequence number of an alert is the thread's number, and one that counts its alerts. */
    private final class Stream {
        private final long thread;
        private final Map<Long, Integer> next = new HashMap<>();

        Stream(long thread) {
            this.thread = thread;
        }

        Kind send(Worker to, int length, boolean wait) {
            long sequence = thread << 32 | next.merge(to.incarnation(), 1, Integer::sum) - 1;
            byte[] data = Payload.of(ipc.self().incarnation(), to.incarnation(), sequence, (int) ipc.self().pid(),
                    length);
            long line = journal.write(Kind.ATTEMPTED, to.incarnation(), sequence, length, false);
            Kind kind = Kind.ACCEPTED;
            try {
                if (wait) {
                    ipc.send(to, TRAFFIC, data);
                } else if (!ipc.trySend(to.pid(), TRAFFIC, data)) {
                    kind = Kind.REFUSED;
                }
            } catch (OutboxFullException | DataTooLongException e) {
                kind = Kind.REFUSED;
                message = e.getMessage();
            } catch (NoSuchWorkerException e) {
                kind = Kind.GONE;
                message = e.getMessage();
            }
            journal.become(line, kind);
            return kind;
        }
    }

    /** Why the last send was refused. */
    private volatile String message = "";

    private String outcome(long pid, int length) {
        long start = System.nanoTime();
        Kind kind = main.send(worker(pid), length, true);
        long millis = (System.nanoTime() - start) / 1_000_000;
        return switch (kind) {
            case ACCEPTED -> "sent " + millis;
            case REFUSED -> "refused " + millis + " " + message;
            default -> "gone " + message;
        };
    }

    private static void tellWhenWaiting(Thread sender) {
        try {
            Await.until("waiting", ChildJvm.LIMIT, () -> sender.getState() == Thread.State.TIMED_WAITING);
            event("waiting");
        } catch (Exception e) {
            event("failed " + e);
        }
    }

    private Worker worker(long pid) {
        return ipc.worker(pid).orElseThrow(() -> new NoSuchElement(pid));
    }

    private static final class NoSuchElement extends RuntimeException {
        private static final long serialVersionUID = 1L;

        NoSuchElement(long pid) {
            super("no worker " + pid);
        }
    }

    /** traffic COUNT all|random|PID THREADS SEED: each thread to all others in turn, to one of them by chance, or to one. */
    private void traffic(Stream stream, String[] words) {
        int count = Integer.parseInt(words[1]);
        boolean all = words[2].equals("all");
        Worker one = all || words[2].equals("random") ? null : worker(Long.parseLong(words[2]));
        Random random = new Random(Long.parseLong(words[4]) + 1024 * stream.thread + ipc.self().slot());
        int[] outcomes = new int[Kind.values().length];
        try {
            for (int i = 0; i < count && !quiet; i++) {
                List<Worker> others = one != null
                        ? List.of(one)
                        : ipc.workers().stream().filter(worker -> worker.slot() != ipc.self().slot()).toList();
                int from = all ? 0 : random.nextInt(others.size());
                int to = all ? others.size() : from + 1;
                for (Worker other : others.subList(from, to)) {
                    outcomes[stream.send(other, length(random), true).ordinal()]++;
                }
            }
            event("done " + outcomes[Kind.ACCEPTED.ordinal()] + " " + outcomes[Kind.REFUSED.ordinal()] + " "
                    + outcomes[Kind.GONE.ordinal()]);
        } catch (IpcException e) {
            e.printStackTrace(System.out);
            event("failed " + e);
        }
    }

    /** Mostly a packet to a few, sometimes many. */
    private static int length(Random random) {
        return Payload.MIN + random.nextInt(random.nextInt(100) == 0 ? LARGE_LENGTH : USUAL_LENGTH);
    }

    private void broadcast(int count, long seed) {
        Random random = new Random(seed + ipc.self().slot());
        for (int number = 0; number < count; number++) {
            int length = Payload.MIN + random.nextInt(USUAL_LENGTH);
            long line = journal.write(Kind.ATTEMPTED, Payload.ALL, number, length, true);
            int receivers = ipc.broadcast(TRAFFIC,
                    Payload.of(ipc.self().incarnation(), Payload.ALL, number, (int) ipc.self().pid(), length));
            journal.accepted(line, receivers);
        }
        event("done");
    }

    /** exit-after PID LENGTH exit|return|wait: sends one alert, and is gone. */
    private void exitAfter(String[] words) {
        String outcome = outcome(Long.parseLong(words[1]), Integer.parseInt(words[2]));
        if (words[3].equals("exit")) {
            System.exit(0);
        }
        answer(outcome);
    }

    /** try PID LENGTH: until there is no room. */
    private void fill(long pid, int length) {
        int accepted = 0;
        while (main.send(worker(pid), length, false) == Kind.ACCEPTED) {
            accepted++;
        }
        answer("full " + accepted);
    }

    /** lend PID LENGTH: more than the pipe of a stopped receiver holds, so a part is written when the memory is freed. */
    private void lend(long pid, int length) throws Exception {
        Arena arena = Arena.ofShared();
        MemorySegment data = arena.allocate(length);
        CompletableFuture<Void> done = ipc.lend(pid, TRAFFIC, data).toCompletableFuture();
        Await.until("written in part", ChildJvm.LIMIT, () -> ipc.statistics().bytesOut() > 200_000);
        boolean inFlight = !done.isDone();
        arena.close();
        answer("closed " + (inFlight ? "in flight" : "too late"));
        try {
            done.get(ChildJvm.LIMIT.toSeconds(), TimeUnit.SECONDS);
            answer("delivered");
        } catch (ExecutionException e) {
            answer("failed " + e.getCause());
        }
    }

    private void pingPong(long pid, int rounds, int length) throws InterruptedException {
        long start = System.nanoTime();
        ipc.send(pid, PING, padded(rounds, length));
        if (pongs.tryAcquire(ChildJvm.LIMIT.toSeconds(), TimeUnit.SECONDS)) {
            answer("ponged " + (System.nanoTime() - start) / 1_000_000);
        } else {
            answer("lost");
        }
    }
}
