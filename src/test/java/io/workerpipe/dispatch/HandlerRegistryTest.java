package io.workerpipe.dispatch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Names are told apart by all their bytes, and a reader sees all of a change or nothing. */
@Timeout(300)
class HandlerRegistryTest {
    private final HandlerRegistry<String> registry = new HandlerRegistry<>();

    private static byte[] bytes(String name) {
        return name.getBytes(StandardCharsets.UTF_8);
    }

    /** The name ends where its memory ends: whoever reads behind it fails. */
    private static <H> H find(HandlerRegistry<H> registry, String name) {
        byte[] memory = bytes("abc" + name);
        return registry.find(MemorySegment.ofArray(memory), 3, memory.length - 3);
    }

    private String find(String name) {
        return find(registry, name);
    }

    @Test
    void shouldFindNothingWhenThereIsNothing() {
        assertThat(find("")).isNull();
        assertThat(find("hello")).isNull();
    }

    @Test
    void shouldTellNamesOfAllLengthsApart() {
        for (int length = 0; length <= 254; length++) {
            registry.put(bytes("x".repeat(length)), "x" + length);
        }
        for (int length = 0; length <= 254; length++) {
            assertThat(find("x".repeat(length))).isEqualTo("x" + length);
        }
        assertThat(find("x".repeat(255))).isNull();
    }

    @Test
    void shouldTellApartNamesThatDifferInOneByteAnywhere() {
        for (int length : new int[]{1, 4, 7, 8, 9, 15, 16, 17, 24, 254}) {
            for (int at = 0; at < length; at++) {
                char[] name = "n".repeat(length).toCharArray();
                name[at] = 'm';
                registry.put(bytes(new String(name)), length + "/" + at);
            }
            assertThat(find("n".repeat(length))).isNull();
            for (int at = 0; at < length; at++) {
                char[] name = "n".repeat(length).toCharArray();
                name[at] = 'm';
                assertThat(find(new String(name))).isEqualTo(length + "/" + at);
            }
        }
    }

    @Test
    void shouldNotTakeZerosAtTheEndForNothing() {
        registry.put(new byte[]{}, "none");
        registry.put(new byte[]{0}, "one");
        registry.put(new byte[]{0, 0}, "two");
        registry.put(new byte[8], "eight");
        assertThat(find("")).isEqualTo("none");
        assertThat(find("\0")).isEqualTo("one");
        assertThat(find("\0\0")).isEqualTo("two");
        assertThat(find("\0".repeat(3))).isNull();
        assertThat(find("\0".repeat(8))).isEqualTo("eight");
    }

    @Test
    void shouldFindNamesOfAnyBytes() {
        registry.put(bytes("grüße, 世界"), "utf-8");
        registry.put(new byte[]{-1, -2, -128}, "high");
        assertThat(find("grüße, 世界")).isEqualTo("utf-8");
        assertThat(registry.find(MemorySegment.ofArray(new byte[]{-1, -2, -128}), 0, 3)).isEqualTo("high");
    }

    @Test
    void shouldFindAllOfManyWhoseTablePlacesCollide() {
        // 20,000 names in a table of at most four times as many places share thousands of them.
        Map<String, String> all = new HashMap<>();
        for (int i = 0; i < 20_000; i++) {
            all.put("name" + i, "handler" + i);
        }
        registry.putAll(all);
        all.forEach((name, handler) -> assertThat(find(name)).isEqualTo(handler));
        for (int i = 20_000; i < 40_000; i++) {
            assertThat(find("name" + i)).isNull();
        }
    }

    @Test
    void shouldBehaveLikeAMapWhateverIsDone() {
        long seed = System.nanoTime();
        System.out.println("HandlerRegistryTest seed " + seed);
        Random random = new Random(seed);
        Map<String, String> map = new HashMap<>();
        for (int i = 0; i < 5000; i++) {
            String name = "n" + "-".repeat(random.nextInt(12)) + random.nextInt(20);
            String handler = random.nextInt(3) == 0 ? null : "h" + i;
            registry.put(bytes(name), handler);
            map.put(name, handler);
            map.values().removeIf(value -> value == null);
            String asked = "n" + "-".repeat(random.nextInt(12)) + random.nextInt(20);
            assertThat(find(asked)).isEqualTo(map.get(asked));
        }
        map.forEach((name, handler) -> assertThat(find(name)).isEqualTo(handler));
    }

    @Test
    void shouldReplaceAndDelete() {
        registry.put(bytes("a"), "1");
        registry.put(bytes("a"), "2");
        registry.put(bytes("b"), "3");
        assertThat(find("a")).isEqualTo("2");
        registry.put(bytes("a"), null);
        registry.put(bytes("never there"), null);
        assertThat(find("a")).isNull();
        assertThat(find("b")).isEqualTo("3");
    }

    @Test
    void shouldPutSetAndDeleteSeveral() {
        registry.put(bytes("old"), "1");
        registry.put(bytes("kept"), "2");
        Map<String, String> several = new HashMap<>();
        several.put("old", null);
        several.put("new", "3");
        registry.putAll(several);
        assertThat(find("old")).isNull();
        assertThat(find("kept")).isEqualTo("2");
        assertThat(find("new")).isEqualTo("3");
    }

    @Test
    void shouldGiveTheFallbackToUnknownNamesOnly() {
        registry.put(bytes("known"), "1");
        registry.fallback("?");
        assertThat(find("known")).isEqualTo("1");
        assertThat(find("unknown")).isEqualTo("?");
        registry.put(bytes("known"), null);
        assertThat(find("known")).isEqualTo("?");
        registry.fallback(null);
        assertThat(find("unknown")).isNull();
    }

    @Test
    void shouldNotSeeWhatBecomesOfTheCallersArray() {
        byte[] name = bytes("name");
        registry.put(name, "1");
        name[0] = 'g';
        assertThat(find("name")).isEqualTo("1");
        assertThat(find("game")).isNull();
    }

    @Test
    void shouldRefuseALongNameAndChangeNothing() {
        registry.put(bytes("a"), "1");
        Map<String, String> several = new HashMap<>();
        several.put("a", "2");
        several.put("b", "2");
        // 128 characters, but 256 bytes.
        several.put("ü".repeat(128), "2");
        assertThatThrownBy(() -> registry.putAll(several)).isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("256").hasMessageContaining("254");
        assertThatThrownBy(() -> registry.put(new byte[255], null)).isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("255").hasMessageContaining("254");
        assertThat(find("a")).isEqualTo("1");
        assertThat(find("b")).isNull();
    }

    /** Each change gives all names the next number: who has seen a number sees no smaller one in another name later. */
    @Test
    void shouldShowReadersAllOfAChangeOrNothing() throws Exception {
        HandlerRegistry<Integer> versions = new HandlerRegistry<>();
        String[] names = {"", "a", "a name of middle length", "n".repeat(254)};
        versions.putAll(numbered(names, 0));
        AtomicBoolean stop = new AtomicBoolean();
        try (ExecutorService threads = Executors.newFixedThreadPool(3)) {
            List<Future<Integer>> readers = new ArrayList<>();
            for (int reader = 0; reader < 3; reader++) {
                int first = reader;
                readers.add(threads.submit(() -> {
                    int seen = 0;
                    for (int i = first; !stop.get(); i++) {
                        Integer now = find(versions, names[i % names.length]);
                        assertThat(now).isNotNull().isGreaterThanOrEqualTo(seen);
                        seen = now;
                        assertThat(find(versions, "unknown")).isNull();
                    }
                    return seen;
                }));
            }
            for (int version = 1; version <= 5000; version++) {
                Map<String, Integer> change = numbered(names, version);
                // The table grows and shrinks meanwhile.
                for (int i = 0; i < 50; i++) {
                    change.put("filler" + i, version % 2 == 0 ? null : Integer.valueOf(version));
                }
                versions.putAll(change);
            }
            stop.set(true);
            for (Future<Integer> reader : readers) {
                assertThat(reader.get()).isBetween(0, 5000);
            }
        }
        assertThat(find(versions, "a")).isEqualTo(5000);
    }

    private static Map<String, Integer> numbered(String[] names, int version) {
        Map<String, Integer> numbered = new HashMap<>();
        for (String name : names) {
            numbered.put(name, version);
        }
        return numbered;
    }

    @Test
    void shouldLoseNoChangeOfSeveralWriters() throws Exception {
        try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
            List<Future<?>> writers = new ArrayList<>();
            for (int writer = 0; writer < 4; writer++) {
                String of = "w" + writer + "-";
                writers.add(threads.submit(() -> {
                    for (int i = 0; i < 200; i++) {
                        registry.put(bytes(of + i), of + i);
                    }
                }));
            }
            for (Future<?> writer : writers) {
                writer.get();
            }
        }
        for (int i = 0; i < 800; i++) {
            String name = "w" + i % 4 + "-" + i / 4;
            assertThat(find(name)).isEqualTo(name);
        }
    }
}
