package io.workerpipe.bench.parts;

import io.workerpipe.linux.Memory;
import io.workerpipe.wire.AlertSink;
import io.workerpipe.wire.Encoder;
import io.workerpipe.wire.Layout;
import io.workerpipe.wire.Packet;
import io.workerpipe.wire.Pages;
import io.workerpipe.wire.PartMemory;
import io.workerpipe.wire.Reassembler;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** A read buffer that holds {@value #ALERTS} alerts, taken apart; those of several packets are put together. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class DecodeBenchmark implements AlertSink, PartMemory {
    /** As many of the largest as one read of the inbox brings. */
    private static final int ALERTS = 24;
    private static final int BYTES = 512 << 10;

    /** Bytes of data. */
    @Param({"10", "100", "1024", "10240"})
    public int size;

    private MemorySegment buffer;
    private MemorySegment part;
    private Reassembler reassembler;
    private long end;
    private long alerts;
    private long bytes;

    /** Fills the buffer as an outbox would. */
    @Setup
    public void setUp() throws IOException {
        buffer = Memory.map(BYTES);
        part = Memory.map(64 << 10);
        reassembler = new Reassembler(this, (pid, slot) -> true, this, 1 << 30);
        byte[] name = "hello".getBytes(StandardCharsets.UTF_8);
        MemorySegment data = Arena.ofAuto().allocate(size);
        Pages pages = new Pages() {
            @Override
            public long address(long at) {
                return buffer.address() + at;
            }

            @Override
            public void written(long at, int length, int count) {}
        };
        for (int i = 0; i < ALERTS; i++) {
            Encoder.encode(pages, end, 4711, 3, 0, name, data);
            end = Layout.end(end, name.length, size);
        }
    }

    /** Gives the memory back, if all was understood. */
    @TearDown
    public void tearDown() {
        if (alerts % ALERTS != 0 || bytes != alerts * size || reassembler.skippedBytes() != 0) {
            throw new IllegalStateException(alerts + " alerts of " + bytes + " bytes");
        }
        reassembler.close();
        Memory.unmap(buffer);
        Memory.unmap(part);
    }

    /** The whole buffer. */
    @Benchmark
    @OperationsPerInvocation(ALERTS)
    public long decode() {
        return reassembler.accept(buffer, 0, end, true);
    }

    @Override
    public void alert(long first, long second, MemorySegment memory, long nameOffset) {
        alerts++;
        bytes += Packet.dataLength(first, second);
    }

    @Override
    public void control(int pid, int slot, MemorySegment memory, long offset, int length) {
        throw new IllegalStateException("no control packet was encoded");
    }

    @Override
    public MemorySegment reserve(long total) {
        return part;
    }

    @Override
    public void release(MemorySegment memory) {}
}
