package io.workerpipe.bench.parts;

import io.workerpipe.bench.Contest;
import java.util.ArrayList;
import java.util.List;

/** All benchmarks of parts, each size a case of its own. */
public final class Parts {
    private Parts() {}

    /** The cases. */
    public static List<Contest> contests() {
        List<Part> parts = new ArrayList<>();
        for (String size : List.of("10", "100", "1024", "10240")) {
            parts.add(new Part(EncodeBenchmark.class, size));
        }
        for (String size : List.of("10", "100", "1024", "10240")) {
            parts.add(new Part(DecodeBenchmark.class, size));
        }
        parts.add(new Part(DispatchBenchmark.class, "5"));
        parts.add(new Part(DispatchBenchmark.class, "30"));
        parts.add(new Part(SyscallBenchmark.class, Part.NO_SIZE));
        return parts.stream().map(part -> new Contest(part.name(), List.of(part))).toList();
    }
}
