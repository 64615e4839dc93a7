package io.workerpipe.dispatch;

import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;

/** A registry of two handlers, and names to look for. */
final class Names {
    static final byte[] CHANGING = name("changing");
    static final byte[] STAYING = name("staying");
    static final byte[] OTHER = name("other");

    private static final int HANDLER = 7;

    private Names() {}

    private static byte[] name(String name) {
        return name.getBytes(StandardCharsets.UTF_8);
    }

    static HandlerRegistry<Integer> registry() {
        HandlerRegistry<Integer> registry = new HandlerRegistry<>();
        registry.put(STAYING, HANDLER);
        registry.put(OTHER, HANDLER);
        return registry;
    }

    /** 0 for none. */
    static int find(HandlerRegistry<Integer> registry, byte[] name) {
        Integer handler = registry.find(MemorySegment.ofArray(name), 0, name.length);
        return handler == null ? 0 : handler;
    }
}
