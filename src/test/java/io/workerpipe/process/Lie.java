package io.workerpipe.process;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;

/** What somebody writes into an inbox who should not; at most 4,096 bytes, so that no other packet comes between. */
enum Lie {
    /** Bytes of any kind. */
    RANDOM_BYTES {
        @Override
        byte[] make(Random random, int pid, int slot) {
            byte[] bytes = new byte[1 + random.nextInt(4096)];
            random.nextBytes(bytes);
            return bytes;
        }
    },
    /** Headers with fields of any kind, behind each other. */
    RANDOM_HEADERS {
        @Override
        byte[] make(Random random, int pid, int slot) {
            byte[] bytes = new byte[16 * (1 + random.nextInt(8))];
            random.nextBytes(bytes);
            for (int at = 0; at < bytes.length; at += 16) {
                bytes[at + 3] &= 0x7F;
                bytes[at + 13] = KINDS[random.nextInt(KINDS.length)];
            }
            return bytes;
        }
    },
    /** A packet of the sender, but not all of it. */
    CUT_PACKET {
        @Override
        byte[] make(Random random, int pid, int slot) {
            int body = 1 + random.nextInt(4080);
            byte[] whole = packet(pid, body, slot, body, Math.min(7, body), '$', new byte[body]);
            return Arrays.copyOf(whole, 1 + random.nextInt(whole.length - 1));
        }
    },
    /** A well-formed header of the sender that claims a body which does not follow. */
    FALSE_LENGTH {
        @Override
        byte[] make(Random random, int pid, int slot) {
            int body = random.nextInt(4081);
            return switch (random.nextInt(4)) {
                case 0 -> packet(pid, body, slot, body, 0, '$', new byte[0]);
                case 1 -> packet(pid, 5000 + random.nextInt(100_000), slot, 1 + random.nextInt(4080), 0, '>',
                        new byte[0]);
                case 2 -> packet(pid, 5000 + random.nextInt(100_000), slot, 1 + random.nextInt(4080), 0, '+',
                        new byte[0]);
                default -> packet(pid, 0, slot, body, 0, '_', new byte[0]);
            };
        }
    },
    /** The longest alert there can be, of the sender, and nothing but its beginning. */
    FOUR_GIGABYTES {
        @Override
        byte[] make(Random random, int pid, int slot) {
            return packet(pid, LONGEST, slot, 4080, 0, '>', new byte[4080]);
        }
    },
    /** The same of a process that lives, in any of its slots. */
    FOUR_GIGABYTES_OF_PID_1 {
        @Override
        byte[] make(Random random, int pid, int slot) {
            return packet(1, LONGEST, random.nextInt(65_536), 4080, 0, '>', new byte[4080]);
        }
    },
    /** The same of nobody. */
    FOUR_GIGABYTES_OF_NOBODY {
        @Override
        byte[] make(Random random, int pid, int slot) {
            return packet(2_000_000_000 + random.nextInt(1 << 20), LONGEST, 3, 20, 0, '>', new byte[20]);
        }
    },
    /** Nobody's parts, flags that nobody knows, the end of an alert that never began. */
    STRAY_PARTS {
        @Override
        byte[] make(Random random, int pid, int slot) {
            int body = 1 + random.nextInt(4080);
            byte[] part = packet(random.nextBoolean() ? pid : 1, 100_000, slot, body, 0,
                    random.nextBoolean() ? '+' : '>', new byte[body]);
            part[14] = (byte) (random.nextBoolean() ? 0 : 0x40 << random.nextInt(2));
            return part;
        }
    },
    /** A whole alert of the sender, in whose data there are packets, and junk behind it. */
    PACKETS_IN_DATA {
        @Override
        byte[] make(Random random, int pid, int slot) {
            ByteBuffer data = ByteBuffer.allocate(3900);
            while (data.remaining() > 300) {
                int length = random.nextInt(200);
                byte[] body = new byte[7 + length];
                random.nextBytes(body);
                System.arraycopy("nothing".getBytes(StandardCharsets.US_ASCII), 0, body, 0, 7);
                data.put(packet(pid, body.length, slot, body.length, 7, '$', body));
            }
            byte[] all = Arrays.copyOf(data.array(), data.position());
            byte[] carrier = packet(pid, all.length, slot, all.length, 0, '$', all);
            byte[] junk = new byte[1 + random.nextInt(100)];
            Arrays.fill(junk, (byte) '!');
            byte[] both = Arrays.copyOf(carrier, carrier.length + junk.length);
            System.arraycopy(junk, 0, both, carrier.length, junk.length);
            return both;
        }
    };

    private static final long LONGEST = 4_294_967_040L;
    private static final byte[] KINDS = {'$', '>', '+', '_'};

    /** @param pid and slot: of a sender who is believed */
    abstract byte[] make(Random random, int pid, int slot);

    static byte[] packet(int pid, long total, int slot, int body, int name, char kind, byte[] content) {
        return ByteBuffer.allocate(16 + content.length).order(ByteOrder.LITTLE_ENDIAN).putInt(pid).putInt((int) total)
                .putShort((short) slot).putShort((short) body).put((byte) name).put((byte) kind).put((byte) 0)
                .put((byte) 0).put(content).array();
    }
}
