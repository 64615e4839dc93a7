package io.workerpipe.bench.parts;

import io.workerpipe.linux.CallState;
import io.workerpipe.linux.Pipe;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** A {@code write} of 16 bytes into a pipe and a {@code read} of them, by the same thread: two calls, nobody waits. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class SyscallBenchmark {
    private static final int BYTES = 16;

    private final MemorySegment memory = Arena.ofAuto().allocate(BYTES);
    private final CallState calls = CallState.allocate(Arena.ofAuto());
    private Pipe pipe;

    /** Opens the pipe. */
    @Setup
    public void setUp() throws IOException {
        pipe = Pipe.create();
    }

    /** Closes the pipe. */
    @TearDown
    public void tearDown() {
        pipe.close();
    }

    /** Both calls. */
    @Benchmark
    public int writeAndRead() {
        int result = pipe.writeEnd().write(calls, memory, 0, BYTES) + pipe.readEnd().read(calls, memory, 0, BYTES);
        if (result != 2 * BYTES) {
            throw new IllegalStateException("write and read: " + result);
        }
        return result;
    }
}
