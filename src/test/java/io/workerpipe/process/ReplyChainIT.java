package io.workerpipe.process;

import static org.assertj.core.api.Assertions.assertThat;

import io.workerpipe.roster.Counter;
import java.util.List;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Each alert is the answer to the one before: a wake-up that is missed once ends the chain. */
@Timeout(600)
class ReplyChainIT {
    @RegisterExtension
    final Children children = new Children();

    @ParameterizedTest
    @CsvSource({"2, 10000", "5, 2000"})
    void shouldReachTheEndWhenEachAlertAnswersTheOneBefore(int workers, int rounds) throws Exception {
        List<ChildJvm> members = children.members(workers);

        // Round and round: each pings its neighbour, all at the same time.
        for (int i = 0; i < workers; i++) {
            members.get(i).say("ping " + members.get((i + 1) % workers).pid() + " " + rounds);
        }
        for (ChildJvm member : members) {
            System.out.println(rounds + " round trips: " + member.hear("ponged") + " ms");
        }

        for (ChildJvm member : members) {
            // Pings of one neighbour and pongs of the other.
            Await.until("counted", ChildJvm.LIMIT,
                    () -> children.counter(member, Counter.ALERTS_IN) == 2L * rounds);
            assertThat(children.counter(member, Counter.DISCARDED)).isZero();
            assertThat(children.counter(member, Counter.FAILED_HANDLERS)).isZero();
        }
        Children.leave(members.toArray(ChildJvm[]::new));
        children.assertNothingLeft();
    }

    /** What handlers send is many times what a pipe holds, and nothing more comes before it has been read to its end. */
    @ParameterizedTest
    @CsvSource({"0", "50", "3600000000"})
    void shouldReachTheEndWhenEachAnswerIsLongerThanAPipeHoweverLongTheReaderSpins(String micros) throws Exception {
        List<ChildJvm> members = children.members(2, "pipe=4096", "spin=" + micros);

        members.get(0).say("ping " + members.get(1).pid() + " 200 100000");
        members.get(0).hear("ponged");

        Children.leave(members.toArray(ChildJvm[]::new));
        children.assertNothingLeft();
    }
}
