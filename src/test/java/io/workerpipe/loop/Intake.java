package io.workerpipe.loop;

import io.workerpipe.linux.CallState;
import io.workerpipe.linux.Errno;
import io.workerpipe.linux.Fd;
import io.workerpipe.wire.AlertSink;
import io.workerpipe.wire.Packet;
import io.workerpipe.wire.PartMemory;
import io.workerpipe.wire.Reassembler;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/**
 * Reads what an outbox wrote, and looks at each byte of it: an alert's data says of which stream it is and its number
 * there, and all else follows from these. One thread at a time.
 */
final class Intake implements AlertSink {
    static final int STREAMS = 64;
    /** Bytes of the shortest data. */
    static final int LEAST = 5;

    private final int bytes;
    private final MemorySegment buffer;
    private final CallState calls = CallState.ofAuto();
    private final Reassembler reassembler = new Reassembler(this, (pid, slot) -> true, new HeapParts(),
            Long.MAX_VALUE);
    private final int[] next = new int[STREAMS];
    private int kept;
    private long alerts;
    private long faults;
    private String fault = "none";

    private static final class HeapParts implements PartMemory {
        @Override
        public MemorySegment reserve(long bytes) {
            return MemorySegment.ofArray(new byte[Math.toIntExact(bytes)]);
        }

        @Override
        public void release(MemorySegment memory) {}
    }

    /** @param bytes of one read, at most */
    Intake(int bytes) {
        this.bytes = bytes;
        this.buffer = Arena.ofAuto().allocate(Packet.PAGE + bytes, Packet.PAGE);
    }

    static byte[] data(int stream, int number, int length) {
        byte[] data = new byte[length];
        MemorySegment memory = MemorySegment.ofArray(data);
        for (int at = LEAST; at < length; at++) {
            data[at] = content(stream, number, at);
        }
        data[0] = (byte) stream;
        memory.set(ValueLayout.JAVA_INT_UNALIGNED, 1, number);
        return data;
    }

    private static byte content(int stream, int number, int at) {
        return (byte) (stream * 31 + number * 7 + at + (at >> 8));
    }

    /** Of other streams: what came so far counts no more. */
    void reset() {
        Arrays.fill(next, 0);
        kept = 0;
        alerts = 0;
        faults = 0;
        fault = "none";
    }

    /** Reads once, without waiting: bytes, 0 at the end, or a negative errno. */
    int read(Fd pipe) {
        return read(pipe, true);
    }

    /** @param wholePackets whether a pipe that has been read empty ends with a whole packet */
    int read(Fd pipe, boolean wholePackets) {
        int got = pipe.read(calls, buffer, Packet.PAGE, bytes);
        if (got > 0) {
            long skipped = reassembler.skippedBytes() + reassembler.droppedOpen() + reassembler.aborted()
                    + reassembler.strayParts();
            long end = Packet.PAGE + got;
            long done = reassembler.accept(buffer, Packet.PAGE - kept, end, wholePackets && got < bytes);
            kept = (int) (end - done);
            MemorySegment.copy(buffer, done, buffer, Packet.PAGE - kept, kept);
            if (skipped != reassembler.skippedBytes() + reassembler.droppedOpen() + reassembler.aborted()
                    + reassembler.strayParts()) {
                fault("bytes that are no packet, or a part of an alert");
            }
        } else if (got < 0 && got != -Errno.EAGAIN) {
            fault("read: " + Errno.text(-got));
        }
        return got;
    }

    /** Alerts that came whole, right and in the order of their streams. */
    long alerts() {
        return alerts;
    }

    /** What else came. */
    long faults() {
        return faults;
    }

    /** The first of them. */
    String fault() {
        return fault;
    }

    private void fault(String what) {
        if (faults++ == 0) {
            fault = what;
        }
    }

    @Override
    public void alert(long first, long second, MemorySegment memory, long nameOffset) {
        long dataOffset = nameOffset + Packet.nameLength(second);
        long dataLength = Packet.dataLength(first, second);
        int stream = memory.get(ValueLayout.JAVA_BYTE, dataOffset);
        int number = memory.get(ValueLayout.JAVA_INT_UNALIGNED, dataOffset + 1);
        if (stream < 0 || stream >= STREAMS || number != next[stream]) {
            fault("number " + number + " of stream " + stream
                    + (stream >= 0 && stream < STREAMS ? " where " + next[stream] + " was to come" : ""));
            return;
        }
        next[stream]++;
        for (int at = LEAST; at < dataLength; at++) {
            if (memory.get(ValueLayout.JAVA_BYTE, dataOffset + at) != content(stream, number, at)) {
                fault("byte " + at + " of number " + number + " of stream " + stream + ", " + dataLength + " bytes");
                return;
            }
        }
        alerts++;
    }

    @Override
    public void opened(int pid, int slot) {}

    @Override
    public void control(int pid, int slot, MemorySegment memory, long offset, int length) {
        alerts++;
    }
}
