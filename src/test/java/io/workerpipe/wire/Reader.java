package io.workerpipe.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/** Reads as the loop does, every read into memory of exactly its length, and keeps what comes out. */
final class Reader implements AlertSink, PartMemory {
    /** An alert or a control packet as it came. */
    record Got(int pid, int slot, int flags, String name, byte[] data) {
        boolean is(int pid, String name, byte[] data) {
            return this.pid == pid && this.name.equals(name) && Arrays.equals(this.data, data);
        }

        String text() {
            return new String(data, StandardCharsets.UTF_8);
        }

        @Override
        public String toString() {
            return pid + "/" + slot + " " + name + ": " + data.length + " bytes";
        }
    }

    final List<Got> alerts = new ArrayList<>();
    final List<Got> controls = new ArrayList<>();
    final Reassembler reassembler;
    private final Map<MemorySegment, Boolean> reserved = new IdentityHashMap<>();
    private byte[] tail = {};
    /** As many bytes in front of the tail as must be kept. */
    private byte[] before = {};
    private MemorySegment reading;
    private int views;
    long roomFor = Long.MAX_VALUE;

    Reader(long limit, SenderCheck senders) {
        reassembler = new Reassembler(this, senders, this, limit);
    }

    /** Knows no sender by the roster. */
    Reader() {
        this(1 << 30, (pid, slot) -> false);
    }

    /** The members of the group are these pids, each in slot pid % 1000. */
    static Reader knowing(int... pids) {
        return new Reader(1 << 30, (pid, slot) -> slot == pid % 1000 && Arrays.stream(pids).anyMatch(p -> p == pid));
    }

    Reader read(byte[] bytes) {
        return read(bytes, 0, bytes.length, false);
    }

    /** The pipe is empty behind these. */
    Reader readAll(byte[]... pieces) {
        byte[] bytes = RawPacket.join(pieces);
        return read(bytes, 0, bytes.length, true);
    }

    Reader read(byte[] bytes, int from, int to, boolean drained) {
        byte[] buffer = RawPacket.join(before, tail, Arrays.copyOfRange(bytes, from, to));
        int start = before.length;
        reading = MemorySegment.ofArray(buffer);
        int done = (int) reassembler.accept(reading, start, buffer.length, drained);
        assertThat(done).isBetween(drained ? buffer.length : 0, buffer.length);
        assertThat(buffer.length - done).as("tail").isLessThanOrEqualTo(4095);
        before = drained ? new byte[0] : Arrays.copyOfRange(buffer, Math.max(0, done - Packet.PAGE), done);
        tail = Arrays.copyOfRange(buffer, done, buffer.length);
        // A view that somebody kept would show this.
        Arrays.fill(buffer, (byte) 0xDD);
        return this;
    }

    int tail() {
        return tail.length;
    }

    /** Segments reserved and not released. */
    int reserved() {
        return reserved.size();
    }

    /** Alerts that were shown where they had been read. */
    int views() {
        return views;
    }

    List<String> texts() {
        return alerts.stream().map(Got::text).toList();
    }

    @Override
    public void alert(long first, long second, MemorySegment memory, long nameOffset) {
        if (memory == reading) {
            views++;
        } else {
            assertThat(reserved).containsKey(memory);
        }
        int nameLength = Packet.nameLength(second);
        alerts.add(new Got(Packet.pid(first), Packet.slot(second), Packet.flags(second) & ~Packet.SKIP,
                new String(bytes(memory, nameOffset, nameLength), StandardCharsets.UTF_8),
                bytes(memory, nameOffset + nameLength, Packet.dataLength(first, second))));
    }

    @Override
    public void control(int pid, int slot, MemorySegment memory, long offset, int length) {
        controls.add(new Got(pid, slot, 0, "", bytes(memory, offset, length)));
    }

    private static byte[] bytes(MemorySegment memory, long offset, long length) {
        return memory.asSlice(offset, length).toArray(ValueLayout.JAVA_BYTE);
    }

    @Override
    public MemorySegment reserve(long bytes) {
        if (bytes > roomFor) {
            throw new OutOfMemoryError("the test says so");
        }
        // Like the real one it costs what is touched: a header may announce 4 GiB.
        MemorySegment memory = MemorySegment.ofArray(new byte[(int) Math.min(bytes, 4 << 20)]);
        reserved.put(memory, true);
        return memory;
    }

    @Override
    public void release(MemorySegment memory) {
        assertThat(reserved.remove(memory)).as("released once").isNotNull();
        memory.fill((byte) 0xDD);
    }
}
