package io.workerpipe.wire;

import io.workerpipe.fuzz.FuzzInput;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/**
 * Alerts of any lengths at any positions: each packet is sane and within its page, and they come out as they went in,
 * wherever reads are cut. For a fuzzer; see bench/fuzz.sh.
 */
public final class EncoderFuzz {
    private static final int MOST_BYTES = 40_000;

    private record Sent(int pid, int name, byte[] body) {}

    private EncoderFuzz() {}

    public static void fuzzerTestOneInput(byte[] bytes) {
        FuzzInput input = new FuzzInput(bytes);
        int start = input.nextShort() % Packet.PAGE;
        // A packet begins where a header has room.
        start = start > Packet.PAGE - Packet.HEADER ? 0 : start;
        int cut = 64 + input.nextShort() % 60_000;
        PageStream pages = new PageStream(start, MOST_BYTES + 2 * Packet.PAGE);
        List<Sent> sent = new ArrayList<>();
        while (!input.isUsedUp() && sent.size() < 64) {
            encode(input, pages, sent, start);
        }
        byte[] stream = pages.bytes();
        int at = 0;
        while (at < stream.length) {
            int length = ReferenceReassembler.length(Arrays.copyOfRange(stream, at, at + Packet.HEADER));
            Fed.check(length != 0, "no packet at " + at);
            Fed.check((start + at & Packet.PAGE - 1) + length <= Packet.PAGE, "a packet across pages at " + at);
            at += length;
        }
        Fed.check(at == stream.length, "the last packet is cut");
        Fed fed = new Fed(Set.of(), 1 << 20);
        for (int from = 0; from < stream.length; from += cut) {
            fed.read(Arrays.copyOfRange(stream, from, Math.min(stream.length, from + cut)), false);
        }
        check(fed, sent);
    }

    private static void encode(FuzzInput input, PageStream pages, List<Sent> sent, int start) {
        int kind = input.next();
        int pid = 1 + kind % 3;
        int name = input.next() % 255;
        int length = input.nextShort() % 20_000;
        long position = pages.end();
        if (position - start > MOST_BYTES) {
            return;
        }
        if (kind >= 250) {
            int left = Layout.left(position);
            int filler = Packet.HEADER + length % (left - Packet.HEADER + 1);
            Encoder.padding(pages, position, pid, pid, left - filler < Packet.HEADER ? left : filler);
            return;
        }
        if (position - start + name + length > MOST_BYTES) {
            return;
        }
        byte[] body = new byte[name + length];
        Arrays.fill(body, (byte) (sent.size() + 1));
        sent.add(new Sent(pid, name, body));
        Encoder.encode(pages, position, pid, pid, 0, Arrays.copyOf(body, name),
                MemorySegment.ofArray(Arrays.copyOfRange(body, name, body.length)));
        Fed.check(pages.takeAlerts() == 1, "completed once");
        Fed.check(pages.end() == Layout.end(position, name, length), "the layout says another end");
    }

    private static void check(Fed fed, List<Sent> sent) {
        int next = 0;
        for (ReferenceReassembler.Event event : fed.events) {
            if (event.kind() == 'a') {
                Sent expected = sent.get(next++);
                Fed.check(event.pid() == expected.pid && event.slot() == expected.pid && event.flags() == 0
                        && event.nameLength() == expected.name && Arrays.equals(event.body(), expected.body),
                        "alert " + next + " came as " + event);
            }
        }
        Fed.check(next == sent.size(), next + " of " + sent.size() + " came");
        Reassembler r = fed.reassembler;
        Fed.check(r.skippedBytes() + r.brokenHeaders() + r.droppedOpen() + r.strayParts() + r.openParts()
                + fed.waiting() == 0, "something was not understood");
        fed.close();
    }
}
