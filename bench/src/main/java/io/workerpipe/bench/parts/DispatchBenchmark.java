package io.workerpipe.bench.parts;

import io.workerpipe.dispatch.HandlerRegistry;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** From the bytes of a name to its handler, among several. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class DispatchBenchmark {
    private static final int HANDLERS = 16;

    /** Bytes of a name. */
    @Param({"5", "30"})
    public int size;

    private final HandlerRegistry<Integer> registry = new HandlerRegistry<>();
    private MemorySegment names;
    private int next;

    /** Names that differ in their last two characters. */
    @Setup
    public void setUp() {
        names = Arena.ofAuto().allocate((long) HANDLERS * size);
        for (int i = 0; i < HANDLERS; i++) {
            byte[] name = ("n".repeat(size - 2) + (10 + i)).getBytes(StandardCharsets.US_ASCII);
            MemorySegment.copy(MemorySegment.ofArray(name), 0, names, (long) i * size, size);
            registry.put(name, i);
        }
    }

    /** One name after the other. */
    @Benchmark
    public Integer find() {
        next = next + 1 & HANDLERS - 1;
        return registry.find(names, (long) next * size, size);
    }
}
