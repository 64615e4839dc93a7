package io.workerpipe;

import io.workerpipe.wire.Packet;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ConcurrentHashMap;

/** Names of alerts as the wire has them. Any thread. */
final class AlertName {
    /** A program has few names; one that makes up new ones all the time does not fill the memory with them. */
    private static final int KEPT = 1024;

    private record Known(String name, byte[] bytes) {}

    private final ConcurrentHashMap<String, Known> encoded = new ConcurrentHashMap<>();
    /** The same name again and again is the common case. A race costs a look-up, no more: its fields are final. */
    private Known last = new Known("", new byte[0]);

    /**
     * The name's bytes, not to be written to.
     *
     * @throws NameTooLongException over 254 bytes
     */
    byte[] encode(String name) {
        Known known = last;
        if (known.name == name) {
            return known.bytes;
        }
        known = encoded.get(name);
        if (known == null) {
            return encodeNew(name);
        }
        last = known;
        return known.bytes;
    }

    private byte[] encodeNew(String name) {
        byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
        if (bytes.length > Packet.MAX_NAME) {
            throw new NameTooLongException(
                    "the name '" + name.substring(0, Math.min(40, name.length())) + "...' has " + bytes.length
                            + " bytes; an alert's name has at most " + Packet.MAX_NAME);
        }
        if (encoded.size() < KEPT) {
            encoded.put(name, new Known(name, bytes));
        }
        return bytes;
    }
}
