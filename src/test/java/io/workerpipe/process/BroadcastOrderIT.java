package io.workerpipe.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
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
@Timeout(600)
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

    /** What happens meanwhile. */
    enum Event {
        NOTHING, OTHERS_COME_AND_GO, THE_ROSTER_IS_CUT
    }

    @ParameterizedTest(name = "{0} senders, {1}")
    @CsvSource({"1, NOTHING", "2, NOTHING", "2, OTHERS_COME_AND_GO", "2, THE_ROSTER_IS_CUT"})
    void shouldKeepTheOrderOfBroadcastsAndSends(int senders, Event event) throws Exception {
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
            sender.say("run " + seed + (event == Event.NOTHING ? " 30000" : " 1000000000"));
        }
        if (event != Event.NOTHING) {
            ChildJvm last = members.getLast();
            Await.until("some at it", ChildJvm.LIMIT, () -> got(last).size() == senders);
            if (event == Event.OTHERS_COME_AND_GO) {
                comeAndGo();
            } else {
                cutRoster();
            }
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
            member.say("leave");
        }
        for (ChildJvm member : members) {
            member.hear("left");
            member.awaitEnd();
        }
        if (event != Event.THE_ROSTER_IS_CUT) {
            children.assertNothingLeft();
        }
    }

    private void comeAndGo() throws Exception {
        ChildJvm killed = start("killed");
        Await.until("some at it", ChildJvm.LIMIT, () -> !got(killed).isEmpty());
        killed.destroy();
        ChildJvm left = start("left");
        Await.until("some at it", ChildJvm.LIMIT, () -> !got(left).isEmpty());
        left.ask("leave", "left");
        left.awaitEnd();
    }

    private void cutRoster() throws IOException {
        Path roster = children.groups().resolve(Children.GROUP).resolve("roster");
        try (FileChannel file = FileChannel.open(roster, StandardOpenOption.WRITE)) {
            file.truncate(0);
        }
    }

    private static Map<String, String> got(ChildJvm member) throws Exception {
        String[] answer = member.ask("got", "got").split("; ?", 2);
        assertThat(answer[0].strip()).as("order at " + member.name).isEqualTo("none");
        return sums(answer[1]);
    }
}
