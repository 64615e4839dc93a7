package io.workerpipe.wire;

import io.workerpipe.wire.ReferenceReassembler.Event;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A reassembler under a fuzzer: reads as the loop does, in memory that is used again and again, and keeps what comes out.
 * It fails at a view outside of what was read, memory that leaks, or more of it than allowed.
 */
final class Fed implements AlertSink, PartMemory {
    private static final int HEADROOM = 2 * Packet.PAGE;
    /** An input is shorter: an alert that announces more is never whole. */
    private static final int LONGEST = 1 << 16;
    private static final byte STALE = (byte) 0xDD;

    final List<Event> events = new ArrayList<>();
    final Reassembler reassembler;
    private final long limit;
    private final Map<MemorySegment, Boolean> reserved = new IdentityHashMap<>();
    private final byte[] buffer = new byte[HEADROOM + LONGEST];
    private final MemorySegment memory = MemorySegment.ofArray(buffer);
    private int kept;
    private int end;

    Fed(Set<Long> members, long limit) {
        this.limit = limit;
        Arrays.fill(buffer, STALE);
        reassembler = new Reassembler(this, (pid, slot) -> members.contains((long) pid << 16 | slot), this, limit);
    }

    void read(byte[] bytes, boolean drained) {
        System.arraycopy(bytes, 0, buffer, HEADROOM, bytes.length);
        end = HEADROOM + bytes.length;
        int done = (int) reassembler.accept(memory, HEADROOM - kept, end, drained);
        check(done <= end && end - done <= (drained ? 0 : Packet.PAGE - 1), "a tail from " + done + " to " + end);
        check(reassembler.openBytes() <= limit, "more open than allowed");
        kept = end - done;
        // As the inbox does it, but where it keeps nothing, nothing is there.
        int from = Math.max(0, done - Packet.PAGE);
        byte[] rest = drained ? new byte[0] : Arrays.copyOfRange(buffer, from, end);
        Arrays.fill(buffer, 0, end, STALE);
        System.arraycopy(rest, 0, buffer, HEADROOM - rest.length, rest.length);
    }

    int waiting() {
        return kept;
    }

    void close() {
        check(reserved.size() <= reassembler.openParts(), "memory for nothing");
        reassembler.close();
        check(reserved.isEmpty(), "memory that is not given back");
    }

    static void check(boolean holds, String what) {
        if (!holds) {
            throw new AssertionError(what);
        }
    }

    @Override
    public void alert(long first, long second, MemorySegment from, long nameOffset) {
        int nameLength = Packet.nameLength(second);
        long length = Packet.totalLength(first);
        if (from == memory) {
            check(nameOffset >= Packet.HEADER && nameOffset + length <= end, "a view outside of what was read");
        } else {
            check(reserved.containsKey(from), "memory that was never reserved");
        }
        events.add(
                new Event('a', Packet.pid(first), Packet.slot(second), Packet.flags(second) & ~Packet.SKIP, nameLength,
                        bytes(from, nameOffset, length)));
    }

    @Override
    public void opened(int pid, int slot) {
        events.add(new Event('o', pid, slot, 0, 0, new byte[0]));
    }

    @Override
    public void control(int pid, int slot, MemorySegment from, long offset, int length) {
        check(from == memory && offset + length <= end, "a view outside of what was read");
        events.add(new Event('c', pid, slot, 0, 0, bytes(from, offset, length)));
    }

    private static byte[] bytes(MemorySegment memory, long offset, long length) {
        return memory.asSlice(offset, length).toArray(ValueLayout.JAVA_BYTE);
    }

    @Override
    public MemorySegment reserve(long bytes) {
        check(bytes <= limit, "memory beyond the limit: " + bytes);
        MemorySegment segment = MemorySegment.ofArray(new byte[(int) Math.min(bytes, LONGEST)]);
        reserved.put(segment, true);
        return segment;
    }

    @Override
    public void release(MemorySegment segment) {
        check(reserved.remove(segment) != null, "memory that was given back before");
        segment.fill(STALE);
    }
}
