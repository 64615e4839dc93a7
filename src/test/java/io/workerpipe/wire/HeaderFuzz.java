package io.workerpipe.wire;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/** Any 16 bytes: whether they are a header, and how long its packet is. For a fuzzer; see bench/fuzz.sh. */
public final class HeaderFuzz {
    private HeaderFuzz() {}

    public static void fuzzerTestOneInput(byte[] input) {
        byte[] header = Arrays.copyOf(input, Packet.HEADER);
        MemorySegment memory = MemorySegment.ofArray(header);
        int length = Reassembler.length(Packet.first(memory, 0), Packet.second(memory, 0));
        Fed.check(length == ReferenceReassembler.length(header),
                "a packet of " + length + " bytes, expected " + ReferenceReassembler.length(header));
        Fed.check(length == 0 || length >= Packet.HEADER && length <= Packet.PAGE, "a packet of " + length + " bytes");
        if (length != 0) {
            RawPacket raw = RawPacket.at(Arrays.copyOf(header, length), 0);
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment again = arena.allocate(Packet.HEADER);
                Packet.write(again.address(), raw.pid(), raw.total(), raw.slot(), raw.body(), raw.nameLength(),
                        raw.kind(), raw.flags());
                again.set(ValueLayout.JAVA_BYTE, 15, (byte) raw.reserved());
                Fed.check(again.mismatch(memory) < 0, "what was read is not what is written");
            }
        }
    }
}
