package io.workerpipe.wire;

import io.workerpipe.fuzz.FuzzInput;
import io.workerpipe.wire.ReferenceReassembler.Event;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.zip.CRC32C;

/**
 * Lies between valid packets: what is valid comes unchanged, in order and once, and a lie costs at most 4,096 bytes of it.
 * For a fuzzer; see bench/fuzz.sh.
 *
 * <p>Where somebody sends whom no roster lists, a lie may cost twice as much: a packet of his counts only with others
 * behind it. A lie whose bytes could be several headers counts as so many lies. The valid packets' data cannot be taken for a
 * header: a sender's pid in it would be negative. And no lie can know their names.
 */
public final class LiesFuzz {
    private static final Set<Long> MEMBERS = Set.of(5L << 16 | 5, 6L << 16 | 6, 7L << 16 | 7);
    private static final int MOST_BYTES = 50_000;
    private static final int MOST_LOST = 4096;
    private static final byte FILLER = (byte) 0xF0;

    private final FuzzInput input;
    private final String secret;
    private final Fed fed = new Fed(MEMBERS, 1 << 20);
    private final Map<String, Integer> sent = new HashMap<>();
    private final List<String> order = new ArrayList<>();
    private byte[] unread = {};
    private int bytes;
    private int lies;
    private boolean strangers;
    private int seen;
    private long lastCame = -1;
    private long came;

    private LiesFuzz(byte[] bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes);
        secret = Long.toHexString(crc.getValue());
        input = new FuzzInput(bytes);
    }

    public static void fuzzerTestOneInput(byte[] bytes) {
        new LiesFuzz(bytes).run();
    }

    private void run() {
        while (!input.isUsedUp() && bytes < MOST_BYTES) {
            int what = input.next();
            switch (what & 7) {
                case 0, 1, 2, 3 -> write(valid(what >>> 3));
                case 4 -> junk();
                case 5 -> header();
                case 6 -> cut(what >>> 3);
                default -> read(what >>> 3);
            }
        }
        write(valid(0));
        fed.read(unread, true);
        checkAlerts();
        long total = sent.values().stream().mapToLong(Integer::longValue).sum();
        Fed.check(total - came <= (long) lies * (strangers ? 2 * MOST_LOST : MOST_LOST),
                lies + " lies cost " + (total - came) + " bytes");
        fed.close();
    }

    private byte[] valid(int which) {
        // Members, and somebody whom no roster lists.
        int pid = 5 + which % 4;
        strangers |= pid == 8;
        String name = "#" + secret + order.size();
        byte[] data = new byte[which < 8 ? 100 : which < 16 ? 4080 - name.length() : input.nextShort() % 4000];
        Arrays.fill(data, FILLER);
        byte[] packet = RawPacket.whole(pid, pid, name, data);
        order.add(name);
        sent.put(name, packet.length);
        return packet;
    }

    private void junk() {
        byte[] junk = input.take(input.next() % 100);
        if (junk.length != 0) {
            lies += 1 + junk.length / Packet.HEADER;
            write(junk);
        }
    }

    private void header() {
        int fields = input.next();
        int pid = 5 + (fields & 3);
        int body = input.nextShort() % 4081;
        char kind = "$>+_".charAt(fields >>> 2 & 3);
        int flags = (fields & 16) == 0 ? 0 : input.next();
        long total = kind == '$' ? body : kind == '_' ? 0 : input.nextInt();
        byte[] content = (fields & 32) == 0 ? new byte[0] : input.take(input.next() % 40);
        lies += 1 + (Packet.HEADER + content.length) / Packet.HEADER;
        write(RawPacket.of(pid, total, pid, body, kind == '$' ? Math.min(body, 3) : 0, kind, flags, 0, content));
    }

    /** The beginning of a packet, which looks like a valid one but for its name. */
    private void cut(int which) {
        int pid = 5 + which % 4;
        byte[] data = new byte[which < 16 ? 200 : 4000];
        Arrays.fill(data, FILLER);
        byte[] whole = RawPacket.whole(pid, pid, "cut", data);
        lies++;
        write(Arrays.copyOf(whole, 1 + input.nextShort() % (whole.length - 1)));
    }

    private void write(byte[] piece) {
        bytes += piece.length;
        unread = RawPacket.join(unread, piece);
    }

    /** All that was written, or a full read that ends anywhere. */
    private void read(int what) {
        if (what == 0) {
            fed.read(unread, true);
            unread = new byte[0];
        } else {
            int length = Math.max(0, unread.length - input.nextShort() % 5000);
            fed.read(Arrays.copyOf(unread, length), false);
            unread = Arrays.copyOfRange(unread, length, unread.length);
        }
        checkAlerts();
    }

    private void checkAlerts() {
        for (; seen < fed.events.size(); seen++) {
            Event event = fed.events.get(seen);
            if (event.kind() != 'a') {
                continue;
            }
            String name = new String(event.body(), 0, event.nameLength(), StandardCharsets.ISO_8859_1);
            Integer length = sent.get(name);
            if (length != null) {
                int number = Integer.parseInt(name.substring(1 + secret.length()));
                Fed.check(number > lastCame, name + " came after " + lastCame);
                lastCame = number;
                came += length;
                Fed.check(event.body().length == length - Packet.HEADER, name + " came in another length");
                for (int i = event.nameLength(); i < event.body().length; i++) {
                    Fed.check(event.body()[i] == FILLER, name + " came changed");
                }
            }
        }
    }
}
