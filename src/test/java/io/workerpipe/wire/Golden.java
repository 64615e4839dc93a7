package io.workerpipe.wire;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;

/** Bytes read from a live ngx_lua_ipc inbox, and the alerts that are in them. */
record Golden(byte[] stream, List<Sent> alerts) {
    record Sent(int sender, String name, int length, String sha256, int seed) {}

    /**
     * The data that Nginx made from the seed and sent: a linear congruential generator in Lua, where numbers are doubles
     * and a product over 2^53 is rounded.
     */
    static byte[] data(int seed, int length) {
        byte[] data = new byte[length];
        double x = seed;
        for (int i = 0; i < length; i++) {
            x = (x * 1103515245.0 + 12345.0) % 2147483648.0;
            data[i] = (byte) (long) (x / 65536);
        }
        return data;
    }

    /** The same generator in whole numbers: what the {@code sha256} of the JSON files was made of, and not the bytes. */
    static byte[] exactData(int seed, int length) {
        byte[] data = new byte[length];
        long x = seed;
        for (int i = 0; i < length; i++) {
            x = x * 1103515245 + 12345 & 0x7FFF_FFFF;
            data[i] = (byte) (x >> 16);
        }
        return data;
    }

    static Golden load(String file) {
        try (InputStream bytes = Golden.class.getResourceAsStream("/golden/" + file + ".bin");
                InputStream json = Golden.class.getResourceAsStream("/golden/" + file + ".json");
                JsonParser parser = new JsonFactory().createParser(json)) {
            return new Golden(bytes.readAllBytes(), alerts(parser));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<Sent> alerts(JsonParser parser) throws IOException {
        List<Sent> alerts = new ArrayList<>();
        while (parser.nextToken() != JsonToken.START_ARRAY) {
            // What is before the array says who received.
        }
        while (parser.nextToken() == JsonToken.START_OBJECT) {
            int sender = 0;
            String name = null;
            int length = -1;
            int seed = -1;
            String sha256 = null;
            while (parser.nextToken() != JsonToken.END_OBJECT) {
                String field = parser.currentName();
                parser.nextToken();
                switch (field) {
                    case "sender" -> sender = parser.getIntValue();
                    case "name" -> name = parser.getText();
                    case "length" -> length = parser.getIntValue();
                    case "data_seed" -> seed = parser.getIntValue();
                    case "sha256" -> sha256 = parser.getText();
                    default -> parser.skipChildren();
                }
            }
            alerts.add(new Sent(sender, name, length, sha256, seed));
        }
        return alerts;
    }
}
