package io.workerpipe.process;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What a test tells a process that it starts: name=value. */
public final class Arguments {
    private Arguments() {}

    public static Map<String, String> of(List<String> arguments) {
        Map<String, String> values = new HashMap<>();
        for (String argument : arguments) {
            int equals = argument.indexOf('=');
            values.put(argument.substring(0, equals), argument.substring(equals + 1));
        }
        return values;
    }
}
