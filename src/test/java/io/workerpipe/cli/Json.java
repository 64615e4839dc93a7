package io.workerpipe.cli;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** JSON as the command line prints it: flat objects. */
final class Json {
    private Json() {}

    static Map<String, String> object(String text) throws IOException {
        List<Map<String, String>> all = objects("[" + text + "]");
        if (all.size() != 1) {
            throw new IOException("no single object: " + text);
        }
        return all.getFirst();
    }

    static List<Map<String, String>> objects(String array) throws IOException {
        List<Map<String, String>> all = new ArrayList<>();
        try (JsonParser json = new JsonFactory().createParser(array)) {
            expect(json, JsonToken.START_ARRAY);
            while (json.nextToken() == JsonToken.START_OBJECT) {
                Map<String, String> object = new LinkedHashMap<>();
                while (json.nextToken() == JsonToken.FIELD_NAME) {
                    String name = json.currentName();
                    json.nextToken();
                    object.put(name, json.getValueAsString());
                }
                all.add(object);
            }
        }
        return all;
    }

    private static void expect(JsonParser json, JsonToken expected) throws IOException {
        JsonToken token = json.nextToken();
        if (token != expected) {
            throw new IOException("expected " + expected + ", found " + token);
        }
    }
}
