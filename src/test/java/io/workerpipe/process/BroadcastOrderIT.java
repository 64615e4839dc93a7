package io.workerpipe.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Broadcasts that share pages, and what is sent to one worker between them, come once each, whole and in order. */
@Timeout(120)
class BroadcastOrderIT {
    private static final int WORKERS = 3;

    @RegisterExtension
    final Children children = new Children();

    private ChildJvm start(String name) throws Exception {
        ChildJvm child = children.java(name, List.of("-XX:+UseSerialGC", "-Xmx256m"), Broadcaster.class,
                List.of(Children.GROUP));
        child.hear("joined");
        return child;
    }

    /** By pid: "count/sum". */
    private static Map<String, String> sums(String text) {
        return text.isBlank()
                ? Map.of()
                : Arrays.stream(text.strip().split(" ")).map(pair -> pair.split("="))
                        .collect(Collectors.toMap(pair -> pair[0], pair -> pair[1]));
    }

    @ParameterizedTest(name = "{0} senders, others come and go: {1}")
    @CsvSource({"1, false", "2, false", "2, true"})
    void shouldKeepTheOrderOfBroadcastsAndSends(int senders, boolean others) throws Exception {
        long seed = System.nanoTime();
        System.out.println("BroadcastOrderIT seed " + seed);
        List<ChildJvm> members = new ArrayList<>();
        for (int i = 0; i < WORKERS; i++) {
            members.add(start("b" + i));
        }
        for (ChildJvm member : members) {
            member.ask("await " + WORKERS, "there");
        }
        for (ChildJvm sender : members.subList(0, senders)) {
            sender.say("run " + seed + (others ? " 1000000000" : " 100000"));
        }
        if (others) {
            ChildJvm killed = start("killed");
            Await.until("some at it", ChildJvm.LIMIT, () -> !got(killed).isEmpty());
            killed.destroy();
            ChildJvm left = start("left");
            Await.until("some at it", ChildJvm.LIMIT, () -> !got(left).isEmpty());
            left.ask("leave", "left");
            left.awaitEnd();
            for (ChildJvm sender : members.subList(0, senders)) {
                sender.say("enough");
            }
        }
        Map<ChildJvm, Map<String, String>> expected = new HashMap<>();
        for (ChildJvm sender : members.subList(0, senders)) {
            Map<String, String> sent = sums(sender.event("sent"));
            for (ChildJvm member : members) {
                expected.computeIfAbsent(member, m -> new HashMap<>()).put(Long.toString(sender.pid()),
                        sent.get(Long.toString(member.pid())));
            }
        }
        for (ChildJvm member : members) {
            Await.until("all at " + member.name, ChildJvm.LIMIT,
                    () -> got(member).equals(expected.get(member)));
        }
        for (ChildJvm member : members) {
            member.ask("leave", "left");
            member.awaitEnd();
        }
        children.assertNothingLeft();
    }

    private static Map<String, String> got(ChildJvm member) throws Exception {
        String[] answer = member.ask("got", "got").split("; ?", 2);
        assertThat(answer[0].strip()).as("order at " + member.name).isEqualTo("none");
        return sums(answer[1]);
    }
}
