package io.workerpipe.process;

import static org.assertj.core.api.Assertions.assertThat;

import io.workerpipe.process.Checker.Balance;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Many workers of an ordinary user, each of which reaches all. {@code -Dworkerpipe.test.workers=200} for as many as a
 * machine with 12 GiB free can take.
 */
@Timeout(1800)
class ManyWorkersIT {
    private static final int WORKERS = Integer.getInteger("workerpipe.test.workers", 20);
    /** Broadcasts of each. */
    private static final int EACH = Math.max(1, 200 / WORKERS);
    /** So many JVMs start at the same time. */
    private static final int AT_ONCE = 8;

    @RegisterExtension
    final Children children = new Children();

    @Test
    void shouldReachAllFromAllWhenAnOrdinaryUserRunsMany() throws Exception {
        long seed = System.nanoTime();
        System.out.println("seed " + seed);
        children.tiny();
        children.ordinaryUser();
        long start = System.nanoTime();
        List<ChildJvm> members = new ArrayList<>();
        for (int i = 0; i < WORKERS; i++) {
            members.add(children.member("w" + i, "wait=120000", "outbox=1048576"));
            if (members.size() % AT_ONCE == 0 || i == WORKERS - 1) {
                for (ChildJvm member : members.subList(i - i % AT_ONCE, members.size())) {
                    member.hear("joined");
                }
            }
        }
        say("joined", start);
        for (ChildJvm member : members) {
            member.ask("await " + WORKERS, "there");
        }
        for (ChildJvm member : members) {
            member.say("broadcast " + EACH + " " + seed);
        }
        for (ChildJvm member : members) {
            member.event("done");
        }
        say("sent", start);
        long kept = members.stream().filter(member -> member.log().contains("the inbox keeps its size of 8192"))
                .count();
        System.out.println(kept + " of " + WORKERS + " have an inbox of 8 KiB");
        System.out.println("descriptors of the first: " + descriptors(members.getFirst()));
        Children.leave(members.toArray(ChildJvm[]::new));
        say("left", start);

        long all = (long) WORKERS * WORKERS * EACH;
        Balance balance = Checker.check(children.books(WORKERS), Set.of());
        System.out.println(WORKERS + " workers: " + balance);
        assertThat(balance).isEqualTo(new Balance(all, all, 0, 0, 0, 0));
        children.assertNothingLeft();
    }

    private static void say(String what, long start) {
        System.out.println(what + " after " + Duration.ofNanos(System.nanoTime() - start).toMillis() + " ms");
    }

    private static long descriptors(ChildJvm member) throws Exception {
        try (Stream<Path> open = Files.list(Path.of("/proc/" + member.pid() + "/fd"))) {
            return open.count();
        }
    }
}
