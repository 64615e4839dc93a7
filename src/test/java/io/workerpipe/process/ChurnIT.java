package io.workerpipe.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Processes that join while others leave: the last one takes the files with it that the next one needs. */
@Timeout(600)
class ChurnIT {
    private static final int PROCESSES = 4;
    private static final int TIMES = 60;

    @RegisterExtension
    final Children children = new Children();

    @Test
    void shouldLetEverybodyInAndDeliverAllWhenProcessesJoinAndLeaveAgainstEachOther() throws Exception {
        List<ChildJvm> all = new ArrayList<>();
        for (int i = 0; i < PROCESSES; i++) {
            all.add(children.java("churn" + i, List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xmx64m"),
                    Churn.class, List.of(Children.GROUP, Integer.toString(TIMES))));
        }
        long sent = 0;
        long got = 0;
        for (ChildJvm churn : all) {
            String[] figures = churn.event("churned").split(" ");
            sent += Long.parseLong(figures[0]);
            got += Long.parseLong(figures[1]);
            churn.awaitEnd();
        }
        System.out.println(sent + " sent, " + got + " handled");
        // Each of them to itself at least.
        assertThat(sent).isGreaterThanOrEqualTo(PROCESSES * TIMES);
        assertThat(got).isEqualTo(sent);
        children.assertNothingLeft();
    }
}
