package io.workerpipe.wire;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Packets taken apart and put together without the classes under test: the wire format written down a second time. */
record RawPacket(int pid, long total, int slot, int body, int nameLength, char kind, int flags, int reserved,
        byte[] bytes) {
    static RawPacket at(byte[] stream, int offset) {
        ByteBuffer header = ByteBuffer.wrap(stream).order(ByteOrder.LITTLE_ENDIAN).position(offset);
        int pid = header.getInt();
        long total = Integer.toUnsignedLong(header.getInt());
        int slot = Short.toUnsignedInt(header.getShort());
        int body = Short.toUnsignedInt(header.getShort());
        int nameLength = Byte.toUnsignedInt(header.get());
        char kind = (char) Byte.toUnsignedInt(header.get());
        int flags = Byte.toUnsignedInt(header.get());
        int reserved = Byte.toUnsignedInt(header.get());
        byte[] bytes = new byte[16 + body + (flags & 15)];
        System.arraycopy(stream, offset, bytes, 0, bytes.length);
        return new RawPacket(pid, total, slot, body, nameLength, kind, flags, reserved, bytes);
    }

    static List<RawPacket> all(byte[] stream) {
        List<RawPacket> packets = new ArrayList<>();
        for (int at = 0; at < stream.length;) {
            RawPacket packet = at(stream, at);
            packets.add(packet);
            at += packet.bytes.length;
        }
        return packets;
    }

    /** A packet that says anything; the body is as long as it is, whatever the header claims. */
    static byte[] of(int pid, long total, int slot, int body, int nameLength, char kind, int flags, int reserved,
            byte[] content) {
        return ByteBuffer.allocate(16 + content.length).order(ByteOrder.LITTLE_ENDIAN).putInt(pid).putInt((int) total)
                .putShort((short) slot).putShort((short) body).put((byte) nameLength).put((byte) kind)
                .put((byte) flags).put((byte) reserved).put(content).array();
    }

    static byte[] whole(int pid, int slot, String name, byte[] data) {
        byte[] body = join(name.getBytes(StandardCharsets.UTF_8), data);
        return of(pid, body.length, slot, body.length, body.length - data.length, '$', 0, 0, body);
    }

    static byte[] whole(int pid, int slot, String name, String data) {
        return whole(pid, slot, name, data.getBytes(StandardCharsets.UTF_8));
    }

    static byte[] padding(int pid, int slot, int filler, int flags) {
        return of(pid, 0, slot, filler, 0, '_', flags, 0, new byte[filler]);
    }

    /** An alert's packets as ngx_lua_ipc writes them. */
    static List<byte[]> parts(int pid, int slot, String name, byte[] data) {
        int nameLength = name.getBytes(StandardCharsets.UTF_8).length;
        byte[] all = join(name.getBytes(StandardCharsets.UTF_8), data);
        if (all.length <= 4080) {
            return List.of(whole(pid, slot, name, data));
        }
        List<byte[]> parts = new ArrayList<>();
        for (int at = 0; at < all.length; at += 4080) {
            byte[] body = Arrays.copyOfRange(all, at, Math.min(all.length, at + 4080));
            parts.add(of(pid, all.length, slot, body.length, nameLength, at == 0 ? '>' : '+', 0, 0, body));
        }
        return parts;
    }

    static byte[] join(byte[]... pieces) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] piece : pieces) {
            all.writeBytes(piece);
        }
        return all.toByteArray();
    }

    static byte[] join(List<byte[]> pieces) {
        return join(pieces.toArray(byte[][]::new));
    }
}
