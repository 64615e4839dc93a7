package io.workerpipe.bench.parts;

import io.workerpipe.linux.Memory;
import io.workerpipe.wire.Encoder;
import io.workerpipe.wire.Layout;
import io.workerpipe.wire.Pages;
import java.io.IOException;
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
import org.openjdk.jmh.annotations.TearDown;

/** One alert from native memory into the pages of an outbox: 256 KiB that are used again and again. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class EncodeBenchmark implements Pages {
    private static final int BYTES = 256 << 10;

    /** Bytes of data. */
    @Param({"10", "100", "1024", "10240"})
    public int size;

    private final byte[] name = "hello".getBytes(StandardCharsets.UTF_8);
    private MemorySegment memory;
    private MemorySegment data;
    private long position;
    private long written;

    /** The pages and the data. */
    @Setup
    public void setUp() throws IOException {
        memory = Memory.map(BYTES);
        data = Arena.ofAuto().allocate(size);
    }

    /** Gives the memory back. */
    @TearDown
    public void tearDown() {
        Memory.unmap(memory);
    }

    /** Encodes, and moves on as an outbox does. */
    @Benchmark
    public long encode() {
        Encoder.encode(this, position, 4711, 3, 0, name, data);
        position = Layout.end(position, name.length, size);
        return written;
    }

    @Override
    public long address(long at) {
        return memory.address() + (at & BYTES - 1);
    }

    @Override
    public void written(long at, int bytes, int alerts) {
        written += bytes;
    }
}
