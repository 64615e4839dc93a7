package io.workerpipe.bench.carrier;

import io.workerpipe.bench.transport.AeronVariant;
import io.workerpipe.bench.transport.AeronVariant.Idle;
import io.workerpipe.bench.transport.AeronVariant.Method;
import io.workerpipe.bench.transport.AeronVariant.Publication;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * The ways in which Aeron can be used, and which is the fastest: all of them, or one choice after the other, each time
 * going on with the better one. For one thread.
 */
final class AeronGrid implements Grid {
    private static final int LEAST_TERM = 1 << 20;
    private static final int USUAL_TERM = 16 << 20;
    /** A message has at most an eighth of a term. */
    private static final int MESSAGES_PER_TERM = 16;

    private final List<List<AeronVariant>> steps = new ArrayList<>();
    private final Map<AeronVariant, Double> rates = new LinkedHashMap<>();
    private final Scene scene;
    private AeronVariant trying;

    AeronGrid(Scene scene, boolean whole) {
        this.scene = scene;
        if (whole) {
            steps.add(all());
        }
    }

    private List<Method> methods() {
        return AeronVariant.isOneFrame(scene.bytes()) ? List.of(Method.values()) : List.of(Method.OFFER);
    }

    private int[] terms() {
        int least = Math.max(LEAST_TERM, (int) Long.highestOneBit(MESSAGES_PER_TERM * scene.bytes()));
        return least < USUAL_TERM ? new int[]{least, USUAL_TERM} : new int[]{least, 4 * least};
    }

    private List<AeronVariant> all() {
        List<AeronVariant> all = new ArrayList<>();
        for (Publication publication : Publication.values()) {
            for (Method method : methods()) {
                for (Idle idle : Idle.values()) {
                    for (int term : terms()) {
                        all.add(new AeronVariant(publication, method, idle, term));
                    }
                }
            }
        }
        return all;
    }

    @Override
    public String next() {
        List<AeronVariant> candidates = steps.isEmpty() ? around() : steps.getFirst();
        trying = candidates.stream().filter(variant -> !rates.containsKey(variant)).findFirst().orElse(null);
        return trying == null ? null : trying.text();
    }

    /** What differs from the best so far in one choice, the first such choice that was not tried. */
    private List<AeronVariant> around() {
        if (rates.isEmpty()) {
            return List.of(new AeronVariant(Publication.EXCLUSIVE, methods().getLast(), Idle.YIELD, terms()[0]));
        }
        AeronVariant best = fastest();
        List<AeronVariant> around = new ArrayList<>();
        around.add(new AeronVariant(best.publication(), best.method(), best.idle(), terms()[1]));
        for (Idle idle : Idle.values()) {
            around.add(new AeronVariant(best.publication(), best.method(), idle, best.termBytes()));
        }
        for (Method method : methods()) {
            around.add(new AeronVariant(best.publication(), method, best.idle(), best.termBytes()));
        }
        for (Publication publication : Publication.values()) {
            around.add(new AeronVariant(publication, best.method(), best.idle(), best.termBytes()));
        }
        return around;
    }

    @Override
    public void tried(double rate) {
        rates.put(trying, rate);
    }

    @Override
    public String best() {
        return fastest().text();
    }

    private AeronVariant fastest() {
        return rates.entrySet().stream().max(Map.Entry.comparingByValue()).orElseThrow().getKey();
    }

    @Override
    public String protocol() {
        return "aeron-ipc uses " + best() + "; tried: " + rates.entrySet().stream()
                .map(tried -> tried.getKey().text() + " " + String.format(Locale.ROOT, "%.3g M/s",
                        tried.getValue() / 1e6))
                .collect(Collectors.joining("; "));
    }
}
