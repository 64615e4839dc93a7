package io.workerpipe.cli;

import com.fasterxml.jackson.core.JsonGenerator;
import io.workerpipe.roster.Counter;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * What a worker did between two looks, a second.
 *
 * @param now      the second look
 * @param wallTime when that was, milliseconds since 1970
 * @param losing   whether it did not send, discarded or failed to handle an alert in between
 */
record Rates(Sample now, long wallTime, double alertsIn, double bytesIn, double alertsOut, double bytesOut,
        boolean losing) {
    private static final List<Counter> LOSSES = List.of(Counter.REFUSED, Counter.DROPPED, Counter.LOST_WITH_PEER,
            Counter.DISCARDED, Counter.FAILED_HANDLERS);

    /** Of all workers of the second look; one that joined in between began with nothing. */
    static List<Rates> between(Survey before, Survey after) {
        double seconds = Math.max(1, after.nanos() - before.nanos()) / (double) TimeUnit.SECONDS.toNanos(1);
        long wallTime = System.currentTimeMillis();
        List<Rates> all = new ArrayList<>();
        for (Sample now : after.samples()) {
            Map<Counter, Long> then = before.samples().stream().filter(now::isOf).findAny().map(Sample::counters)
                    .orElse(Map.of());
            all.add(new Rates(now, wallTime, rate(now, then, Counter.ALERTS_IN, seconds),
                    rate(now, then, Counter.BYTES_IN, seconds), rate(now, then, Counter.ALERTS_OUT, seconds),
                    rate(now, then, Counter.BYTES_OUT, seconds),
                    LOSSES.stream().anyMatch(loss -> now.get(loss) > then.getOrDefault(loss, 0L))));
        }
        return all;
    }

    private static double rate(Sample now, Map<Counter, Long> then, Counter counter, double seconds) {
        return Math.max(0, now.get(counter) - then.getOrDefault(counter, 0L)) / seconds;
    }

    long queued() {
        return now.get(Counter.QUEUED_BYTES);
    }

    /** Alerts of this worker that never reached a pipe: refused, dropped, or lost with their receiver. */
    long notSent() {
        return now.get(Counter.REFUSED) + now.get(Counter.DROPPED) + now.get(Counter.LOST_WITH_PEER);
    }

    /** The process for which most waits, 0 if nothing does. */
    long slowestReceiver() {
        return now.get(Counter.FULLEST_BYTES) == 0 ? 0 : now.get(Counter.FULLEST_RECEIVER);
    }

    /** Milliseconds since the last alert came, -1 if none did. */
    long sinceLastAlert() {
        long last = now.get(Counter.LAST_ALERT_IN);
        return last == 0 ? -1 : Math.max(0, wallTime - last);
    }

    /** As fields of an object that is open. */
    void write(JsonGenerator json) throws IOException {
        json.writeNumberField("alertsInPerSecond", rounded(alertsIn));
        json.writeNumberField("bytesInPerSecond", rounded(bytesIn));
        json.writeNumberField("alertsOutPerSecond", rounded(alertsOut));
        json.writeNumberField("bytesOutPerSecond", rounded(bytesOut));
        if (sinceLastAlert() >= 0) {
            json.writeNumberField("millisSinceLastAlert", sinceLastAlert());
        }
        now.writeCounters(json);
    }

    private static double rounded(double rate) {
        return Math.round(rate * 10) / 10.0;
    }
}
