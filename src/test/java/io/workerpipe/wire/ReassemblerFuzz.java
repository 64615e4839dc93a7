package io.workerpipe.wire;

import io.workerpipe.fuzz.FuzzInput;
import java.util.Arrays;
import java.util.Set;

/**
 * Any bytes in any reads: the reassembler does what the reference does, and no byte is unaccounted for. For a fuzzer; see
 * bench/fuzz.sh.
 *
 * <p>An input is the number of reads, for each read its length and in the highest bit whether the pipe is empty then, and
 * the bytes; what no read takes comes in a last one.
 */
public final class ReassemblerFuzz {
    private static final Set<Long> MEMBERS = Set.of(5L << 16 | 5, 6L << 16 | 6, 7L << 16 | 0xFFFF);
    private static final long LIMIT = 12_000;

    private ReassemblerFuzz() {}

    public static void fuzzerTestOneInput(byte[] bytes) {
        FuzzInput input = new FuzzInput(bytes);
        int[] reads = new int[input.next() % 8];
        for (int i = 0; i < reads.length; i++) {
            reads[i] = input.nextShort();
        }
        Fed fed = new Fed(MEMBERS, LIMIT);
        ReferenceReassembler reference = new ReferenceReassembler(MEMBERS, LIMIT);
        for (int i = 0; i <= reads.length; i++) {
            byte[] read = input.take(i == reads.length ? 60_000 : reads[i] & 0x7FFF);
            boolean drained = i == reads.length || (reads[i] & 0x8000) != 0;
            fed.read(read, drained);
            reference.read(read, drained);
            compare(fed, reference);
        }
        fed.close();
    }

    static void compare(Fed fed, ReferenceReassembler reference) {
        for (int i = 0; i < Math.min(fed.events.size(), reference.events.size()); i++) {
            Fed.check(fed.events.get(i).is(reference.events.get(i)),
                    "event " + i + " is " + fed.events.get(i) + ", expected " + reference.events.get(i));
        }
        Fed.check(fed.events.size() == reference.events.size(),
                "events " + fed.events + ", expected " + reference.events);
        Fed.check(reference.unaccounted() == 0, reference.unaccounted() + " bytes are unaccounted for");
        Reassembler r = fed.reassembler;
        long[] counted = {r.skippedBytes(), r.brokenHeaders(), r.strayParts(), r.droppedOpen(), r.aborted(),
                r.overLimit(), r.unknownFlags(), r.openBytes(), r.openParts(), fed.waiting(), r.alerts()};
        long[] expected = {reference.skipped, reference.broken, reference.stray, reference.dropped, reference.aborted,
                reference.overLimit, reference.unknown, reference.openBytes(), reference.openParts(),
                reference.waiting(), reference.events.stream().filter(event -> event.kind() == 'a').count()};
        Fed.check(Arrays.equals(counted, expected),
                "skipped, broken, stray, dropped, aborted, over limit, unknown, open"
                        + " bytes, open, waiting, alerts: " + Arrays.toString(counted) + ", expected "
                        + Arrays.toString(expected));
    }
}
