package io.workerpipe.bench.performer;

import io.workerpipe.bench.process.Measurement;
import io.workerpipe.bench.transport.Seat;
import io.workerpipe.bench.transport.Waiting;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * One process of a case, as {@code flow.c} is in C. It says {@code ready}, then does what standard input says and answers
 * each line with one:
 *
 * <pre>
 * go               begin to send, or go on
 * stop             send no more; answered with the alerts sent so far, when all have left the process
 * look             answered with: nanoTime, alerts sent or received, wrong ones, bytes allocated
 * schedule START INTERVAL STRIDE FIRST
 *                  from the next "go" on, alert FIRST + n is to be sent at START + n * INTERVAL (System.nanoTime);
 *                  each STRIDE-th is timed
 * measure FROM UNTIL
 *                  answered when that time (System.nanoTime) is over, with two looks, at its beginning and at its end,
 *                  divided by a semicolon; the latency of what begins in it is kept
 * latencies FILE   write those that were recorded, in nanoseconds: a line each, or "nanoseconds count"
 * once             send one alert; answered with the System.nanoTime before, when it has left the process
 * arrival          answered with the System.nanoTime at which the last alert came to its handler
 * leave            end
 * </pre>
 *
 * When the input ends, so does it.
 */
public final class Performer {
    private Performer() {}

    /** @param arguments role, system, variant, waiting, seat, receivers, senders, threads, bytes, folder */
    public static void main(String[] arguments) throws Exception {
        Seat seat = new Seat(arguments[2], Waiting.parse(arguments[3]), Integer.parseInt(arguments[4]),
                Integer.parseInt(arguments[5]), Integer.parseInt(arguments[6]), Integer.parseInt(arguments[7]),
                Long.parseLong(arguments[8]), Path.of(arguments[9]));
        BufferedReader commands = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
        try (Role role = role(arguments[0], arguments[1], seat)) {
            System.out.println("ready");
            for (String line = commands.readLine(); line != null; line = commands.readLine()) {
                if (line.equals("leave")) {
                    return;
                }
                System.out.println(obey(role, line.split(" ")));
            }
        } catch (Throwable e) {
            e.printStackTrace();
        }
        // It failed, or nobody is there any more who could want an orderly end.
        Runtime.getRuntime().halt(1);
    }

    private static Role role(String name, String system, Seat seat) throws Exception {
        return switch (name) {
            case "receive" -> new Receiver(system, seat);
            case "send" -> new Sender(system, seat);
            case "ping" -> new Pinger(system, seat);
            case "echo" -> new Echo(system, seat);
            default -> throw new IllegalArgumentException("no such role: " + name);
        };
    }

    private static String obey(Role role, String[] line) throws Exception {
        return switch (line[0]) {
            case "schedule" -> {
                role.schedule(new Schedule(Long.parseLong(line[1]), Double.parseDouble(line[2]),
                        Long.parseLong(line[3]), Long.parseLong(line[4])));
                yield "scheduled";
            }
            case "go" -> {
                role.go();
                yield "going";
            }
            case "measure" -> {
                long from = Long.parseLong(line[1]);
                long until = Long.parseLong(line[2]);
                role.record(from, until);
                yield Measurement.take(from, until, role::look, Look::line);
            }
            case "once" -> Long.toString(role.once());
            case "arrival" -> Long.toString(role.arrival());
            case "look" -> role.look().line();
            case "stop" -> Long.toString(role.stop());
            case "latencies" -> {
                role.writeLatencies(Path.of(line[1]));
                yield "written";
            }
            default -> throw new IllegalArgumentException(String.join(" ", line));
        };
    }
}
