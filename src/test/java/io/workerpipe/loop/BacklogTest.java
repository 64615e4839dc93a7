package io.workerpipe.loop;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Where in the order of alerts a loss is, and that none is forgotten. */
@Timeout(300)
class BacklogTest {
    private static Kept kept(String name) {
        return Kept.of(name.getBytes(StandardCharsets.UTF_8), MemorySegment.ofArray(new byte[3]));
    }

    private static String name(Kept alert) {
        return new String(alert.name, StandardCharsets.UTF_8);
    }

    /** What would be fed: names, and the counts of losses. */
    private static List<String> drain(Backlog backlog) {
        List<String> all = new ArrayList<>();
        while (backlog.front() != Backlog.NOTHING) {
            if (backlog.lostInFront() != 0) {
                all.add("-" + backlog.lostInFront());
                backlog.announced();
            } else {
                all.add(name(backlog.first()));
                backlog.remove(backlog.first());
            }
        }
        assertThat(backlog.count()).isZero();
        assertThat(backlog.bytes()).isZero();
        assertThat(backlog.first()).isNull();
        return all;
    }

    @Test
    void shouldTellOfALossWhereItWas() {
        Backlog backlog = new Backlog(false);
        backlog.add(kept("a"));
        backlog.add(kept("b"));
        backlog.dropNewest();
        backlog.dropNewest();
        backlog.add(kept("c"));
        backlog.dropNewest();
        assertThat(drain(backlog)).containsExactly("a", "b", "-2", "c", "-1");
    }

    @Test
    void shouldAddUpTheLossesOfWhatIsDroppedInFront() {
        Backlog backlog = new Backlog(false);
        backlog.add(kept("a"));
        backlog.dropNewest();
        backlog.add(kept("b"));
        backlog.add(kept("c"));
        backlog.drop(backlog.first());
        backlog.drop(backlog.first());
        assertThat(backlog.front()).isEqualTo(1);
        assertThat(drain(backlog)).containsExactly("-3", "c");
    }

    @Test
    void shouldPutTheLastOfANameAtTheEnd() {
        Backlog backlog = new Backlog(true);
        for (String name : List.of("a", "b", "c", "b", "a", "b")) {
            Kept older = backlog.ofName(name.getBytes(StandardCharsets.UTF_8));
            if (older != null) {
                backlog.drop(older);
            }
            backlog.add(kept(name));
        }
        assertThat(drain(backlog)).containsExactly("-2", "c", "-1", "a", "b");
    }

    /** Against a list of all that came, in which what was dropped is marked. */
    @Test
    void shouldKeepOrderAndCountWhateverIsDropped() {
        long seed = System.nanoTime();
        System.out.println("BacklogTest seed " + seed);
        Random random = new Random(seed);
        for (int round = 0; round < 300; round++) {
            Backlog backlog = new Backlog(true);
            Deque<String> model = new ArrayDeque<>();
            int names = 0;
            for (int step = 0; step < 200; step++) {
                switch (random.nextInt(5)) {
                    case 0, 1 -> {
                        String name = "n" + names++;
                        backlog.add(kept(name));
                        model.addLast(name);
                    }
                    case 2 -> {
                        backlog.dropNewest();
                        model.addLast("");
                    }
                    case 3 -> {
                        String name = "n" + random.nextInt(names + 1);
                        Kept older = backlog.ofName(name.getBytes(StandardCharsets.UTF_8));
                        assertThat(older != null).isEqualTo(model.contains(name));
                        if (older != null) {
                            backlog.drop(older);
                            model = replace(model, name);
                        }
                    }
                    default -> {
                        long lost = backlog.lostInFront();
                        if (lost != 0) {
                            for (long i = 0; i < lost; i++) {
                                assertThat(model.removeFirst()).isEmpty();
                            }
                            backlog.announced();
                        } else if (backlog.first() != null) {
                            assertThat(name(backlog.first())).isEqualTo(model.removeFirst());
                            backlog.remove(backlog.first());
                        }
                        assertThat(model.peekFirst() == null || !model.peekFirst().isEmpty() || lost == 0).isTrue();
                    }
                }
            }
            List<String> expected = new ArrayList<>();
            long lost = 0;
            for (String each : model) {
                if (each.isEmpty()) {
                    lost++;
                    continue;
                }
                if (lost != 0) {
                    expected.add("-" + lost);
                    lost = 0;
                }
                expected.add(each);
            }
            if (lost != 0) {
                expected.add("-" + lost);
            }
            assertThat(drain(backlog)).isEqualTo(expected);
        }
    }

    private static Deque<String> replace(Deque<String> model, String name) {
        Deque<String> all = new ArrayDeque<>();
        model.forEach(each -> all.addLast(each.equals(name) ? "" : each));
        return all;
    }
}
