package io.workerpipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.workerpipe.linux.Proc;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The supervisor inside of a program, with shells as workers; RunIT has the rest. */
@Timeout(300)
class SupervisorTest {
    private static final Duration LIMIT = Duration.ofSeconds(30);

    private final List<String> output = new CopyOnWriteArrayList<>();
    private final List<String> events = new CopyOnWriteArrayList<>();

    @Test
    void shouldTellEachWorkerWhatItIs() throws Exception {
        try (Supervisor supervisor = shells("echo $WORKERPIPE_GROUP $WORKERPIPE_INDEX $WORKERPIPE_LABEL $COLOUR;"
                + " echo $WORKERPIPE_SUPERVISOR >&2; exec sleep 1000").group("shells").workers(3).label("shell")
                .environment("COLOUR", "red").start()) {
            List<Long> pids = supervisor.pids();
            assertThat(supervisor.group()).isEqualTo("shells");
            await("all printed", () -> output.size() == 6);
            for (int i = 0; i < 3; i++) {
                assertThat(output).contains("[" + i + "/" + pids.get(i) + "] shells " + i + " shell-" + i + " red\n");
                assertThat(output).anyMatch(
                        line -> line.matches("ERR \\[./\\d+] " + ProcessHandle.current().pid() + ":\\d+\n"));
            }
            supervisor.stop();
            assertThat(supervisor.awaitEnd()).isTrue();
            assertThat(pids).allMatch(pid -> ProcessHandle.of(pid).isEmpty());
        }
        assertThat(events.getLast()).contains("exit code 143 (SIGTERM)");
    }

    @Test
    void shouldKeepTheOrderOfAStreamAndALastLineWithoutEnd() throws Exception {
        int count = 20_000;
        try (Supervisor supervisor = shells("seq 1 " + count + "; printf end; exec sleep 1000 >/dev/null 2>&1")
                .workers(1)
                .start()) {
            String prefix = "[0/" + supervisor.pids().getFirst() + "] ";
            await("all printed", () -> output.size() == count + 1);
            for (int i = 0; i < count; i++) {
                assertThat(output.get(i)).isEqualTo(prefix + (i + 1) + "\n");
            }
            assertThat(output.getLast()).isEqualTo(prefix + "end\n");
        }
    }

    @Test
    void shouldPassALineOnWholeUpToAMebibyte() throws Exception {
        try (Supervisor supervisor = shells("head -c 1500000 /dev/zero | tr '\\0' x; echo; exec sleep 1000").workers(1)
                .start()) {
            long pid = supervisor.pids().getFirst();
            await("both pieces came", () -> output.size() == 2);
            assertThat(output.get(0)).isEqualTo("[0/" + pid + "] " + "x".repeat(1 << 20) + "\n");
            assertThat(output.get(1)).isEqualTo("[0/" + pid + "+] " + "x".repeat(1_500_000 - (1 << 20)) + "\n");
        }
    }

    @Test
    void shouldStopAllWhenTheListenerThrows() throws Exception {
        Supervisor supervisor = Supervisor.builder("sh", "-c", "echo full; exec sleep 1000").workers(2)
                .listener(new Supervisor.Listener() {
                    @Override
                    public void output(Supervisor.OutputLine line) throws IOException {
                        throw new IOException("disk full");
                    }

                    @Override
                    public void event(String text) {
                        events.add(text);
                    }
                }).start();
        List<Long> pids = supervisor.pids();
        assertThatThrownBy(supervisor::awaitEnd).isInstanceOf(IOException.class).hasMessage("disk full");
        assertThat(pids).allMatch(pid -> ProcessHandle.of(pid).isEmpty());
        supervisor.close();
    }

    @Test
    void shouldKillAtOnceWhenTold() throws Exception {
        try (Supervisor supervisor = shells("trap '' TERM; echo ready; while :; do sleep 1; done").workers(1)
                .stopLimit(Duration.ofDays(1)).start()) {
            await("it ignores SIGTERM", () -> output.size() == 1);
            supervisor.stop();
            supervisor.kill();
            assertThat(supervisor.awaitEnd()).isFalse();
        }
        assertThat(events.getLast()).contains("exit code 137 (SIGKILL)").contains("having been killed");
    }

    @Test
    void shouldEndWhatAWorkerStartedToo() throws Exception {
        try (Supervisor supervisor = shells("sleep 1000 & echo $!; wait").workers(1).start()) {
            await("it told", () -> output.size() == 1);
            long pid = Long.parseLong(output.getFirst().replaceAll(".*] |\n", ""));
            assertThat(Proc.stat((int) pid).orElseThrow().ended()).isFalse();
            supervisor.stop();
            supervisor.awaitEnd();
            assertThat(Proc.stat((int) pid).filter(stat -> !stat.ended())).isEmpty();
        }
    }

    @Test
    void shouldSayWhatIsTheMatterWhenNothingCanBeStarted() {
        assertThatThrownBy(() -> Supervisor.builder("/nowhere/at/all").start())
                .isInstanceOfSatisfying(WorkerStartException.class, e -> assertThat(e.isNotFound()).isTrue())
                .hasMessageContaining("there is no program '/nowhere/at/all'");
        assertThatThrownBy(() -> Supervisor.builder("/etc/passwd").start())
                .isInstanceOfSatisfying(WorkerStartException.class, e -> assertThat(e.isNotFound()).isFalse())
                .hasMessageContaining("/etc/passwd");
        assertThatThrownBy(Supervisor::builder).isInstanceOf(IllegalArgumentException.class);
        Supervisor.Builder builder = Supervisor.builder("true");
        assertThatThrownBy(() -> builder.workers(0)).isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("must be 1 to 1000");
        assertThatThrownBy(() -> builder.group("../web")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> builder.stopLimit(Duration.ofSeconds(-1)))
                .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("less than nothing");
    }

    @Test
    void shouldSayThatThereIsNoGroupWhenNoSupervisorHasToldOne() {
        assertThatThrownBy(Ipc::join).isInstanceOf(JoinException.class)
                .hasMessageContaining("WORKERPIPE_GROUP is not in the environment");
    }

    private Supervisor.Builder shells(String script) {
        return Supervisor.builder("sh", "-c", script).listener(new Supervisor.Listener() {
            @Override
            public void output(Supervisor.OutputLine line) {
                output.add((line.error() ? "ERR " : "") + new String(line.prefixed(), StandardCharsets.UTF_8));
            }

            @Override
            public void event(String text) {
                events.add(text);
            }
        });
    }

    private void await(String what, BooleanSupplier condition) {
        long end = System.nanoTime() + LIMIT.toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime() - end).as("%s; events %s", what, events).isNegative();
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
        }
    }
}
