package io.workerpipe.bench.stall;

import io.workerpipe.Ipc;
import io.workerpipe.WhenFull;
import io.workerpipe.bench.transport.Payload;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/**
 * One process of the case. It says {@code ready}, then does what standard input says:
 *
 * <pre>
 * count            a receiver: answered with alerts, and how many were wrong or out of order
 * send MILLIS ALSO the sender: sends to the reader for so long, each tenth time to the other one as well if ALSO is true;
 *                  answered with alerts to the reader and nanoseconds
 * fill             the sender: sends to the other one, which does not read, until its outbox is full
 * finish           the sender: waits until all has left; answered with alerts to the reader, and to the other one
 * leave            end
 * </pre>
 */
public final class StallWorker {
    private static final String ALERT = "hello";
    private static final int BYTES = 100;
    /** One in so many goes to the other one too. */
    private static final int SHARE = 10;
    private static final int BETWEEN_LOOKS = 100;
    private static final Duration LIMIT = Duration.ofSeconds(60);
    static final int READER = 0;
    static final int OTHER = 1;
    static final int SENDER = 2;

    private final Ipc ipc;
    private final MemorySegment data = Arena.global().allocate(BYTES);
    private final long[] sent = {Payload.firstToken(READER), Payload.firstToken(OTHER)};
    private volatile long received;
    private volatile long wrong;
    private long next;

    private StallWorker(int index) {
        next = Payload.firstToken(index);
        Payload.fill(data);
        Ipc.Builder builder = Ipc.builder("stall").index(index).whenFull(WhenFull.waitAtMost(LIMIT));
        if (index != SENDER) {
            builder.receive(ALERT, alert -> check(alert.data()));
        }
        ipc = builder.join();
    }

    /** @param arguments which of the three it is */
    public static void main(String[] arguments) throws Exception {
        StallWorker worker = new StallWorker(Integer.parseInt(arguments[0]));
        System.out.println("ready");
        BufferedReader commands = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
        for (String line = commands.readLine(); line != null; line = commands.readLine()) {
            if (line.equals("leave")) {
                worker.ipc.close();
                return;
            }
            System.out.println(worker.obey(line.split(" ")));
        }
        // Nobody is there any more who could want an orderly end.
        Runtime.getRuntime().halt(1);
    }

    private String obey(String[] line) throws InterruptedException {
        return switch (line[0]) {
            case "count" -> received + " " + wrong;
            case "send" -> send(Duration.ofMillis(Long.parseLong(line[1])), Boolean.parseBoolean(line[2]));
            case "fill" -> {
                long other = pid(OTHER);
                while (trySend(other)) {
                }
                yield "filled";
            }
            case "finish" -> {
                if (!ipc.flush(LIMIT)) {
                    throw new IllegalStateException("not flushed within " + LIMIT);
                }
                yield Payload.number(sent[READER]) + " " + Payload.number(sent[OTHER]);
            }
            default -> throw new IllegalArgumentException(String.join(" ", line));
        };
    }

    private void check(MemorySegment alert) {
        long token = alert.byteSize() == BYTES ? Payload.token(alert, 0) : -1;
        if (token != next || !Payload.isWhole(alert, 0, BYTES, token)) {
            wrong++;
        }
        next = token + 1;
        received++;
    }

    private String send(Duration time, boolean also) throws InterruptedException {
        if (!ipc.awaitWorkers(3, LIMIT)) {
            throw new IllegalStateException("only " + ipc.workers());
        }
        long reader = pid(READER);
        long other = pid(OTHER);
        long before = sent[READER];
        long start = System.nanoTime();
        long now = start;
        for (int i = 0; now - start < time.toNanos(); i++) {
            if (also && i % SHARE == 0) {
                trySend(other);
            }
            Payload.stamp(data, sent[READER]);
            ipc.send(reader, ALERT, data);
            sent[READER]++;
            if (i % BETWEEN_LOOKS == 0) {
                now = System.nanoTime();
            }
        }
        return sent[READER] - before + " " + (now - start);
    }

    private boolean trySend(long other) {
        Payload.stamp(data, sent[OTHER]);
        if (!ipc.trySend(other, ALERT, data)) {
            return false;
        }
        sent[OTHER]++;
        return true;
    }

    private long pid(int index) {
        return ipc.workers().stream().filter(worker -> worker.index() == index).findFirst().orElseThrow().pid();
    }
}
