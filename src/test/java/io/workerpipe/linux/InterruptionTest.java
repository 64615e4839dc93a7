package io.workerpipe.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.workerpipe.linux.gen.LibC;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.function.IntSupplier;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A signal to a thread that waits in a call: the one with which the JDK itself wakes threads out of calls. */
@Timeout(300)
class InterruptionTest {
    private static final int READ = 0;
    private static final int POLL = 7;
    private static final long TGKILL = 234;
    private static final int EPOLL_WAIT = 232;
    /** SIGRTMAX - 2: the JDK's handler does nothing, and does not restart calls. */
    private static final int SIGNAL = 62;

    private final Arena arena = Arena.ofAuto();
    private final CallState state = CallState.allocate(arena);

    @BeforeAll
    static void requireTheHandler() throws Exception {
        java.nio.channels.Pipe pipe = java.nio.channels.Pipe.open();
        pipe.source().close();
        pipe.sink().close();
        long caught = Files.readAllLines(Path.of("/proc/self/status")).stream()
                .filter(line -> line.startsWith("SigCgt:"))
                .mapToLong(line -> Long.parseUnsignedLong(line.substring(7).strip(), 16)).findAny().orElseThrow();
        assumeTrue((caught >>> SIGNAL - 1 & 1) != 0, "this JVM does not handle signal " + SIGNAL);
    }

    @Test
    void shouldSeeEintrWhenNothingMakesTheCallAgain() throws Exception {
        MethodHandle read = Link.fixed(LibC.read$address(), LibC.read$descriptor());
        try (Pipe pipe = Pipe.create()) {
            Waiter waiter = new Waiter(() -> {
                try {
                    CallState own = CallState.ofAuto();
                    return (int) own.result((long) read.invokeExact(own.capture(), pipe.readEnd().number(),
                            arena.allocate(8), 8L));
                } catch (Throwable e) {
                    throw new AssertionError(e);
                }
            });
            waiter.interruptIn(READ);
            assertThat(waiter.result.get()).isEqualTo(-Errno.EINTR);
        }
    }

    @Test
    void shouldReadOnWhenASignalComesFirst() throws Exception {
        try (Pipe pipe = Pipe.create()) {
            Waiter waiter = new Waiter(() -> pipe.readEnd().read(CallState.ofAuto(), arena.allocate(8), 0, 8));
            for (int i = 0; i < 3; i++) {
                long sleeps = waiter.sleeps();
                waiter.interruptIn(READ);
                Until.isTrue("it woke and sleeps again", () -> waiter.sleeps() > sleeps || waiter.result.isDone());
                assertThat(waiter.result).isNotDone();
            }
            pipe.writeEnd().write(state, arena.allocate(5), 0, 5);
            assertThat(waiter.result.get()).isEqualTo(5);
        }
    }

    @Test
    void shouldFindNothingWhenASignalEndsTheWaiting() throws Exception {
        try (Pipe pipe = Pipe.create(); Epoll epoll = Epoll.create()) {
            epoll.add(pipe.readEnd(), Epoll.IN, 1);
            Waiter waiter = new Waiter(() -> epoll.await(CallState.ofAuto(), -1));
            waiter.interruptIn(EPOLL_WAIT);
            assertThat(waiter.result.get()).isZero();

            Waiter poller = new Waiter(() -> pipe.readEnd().poll(CallState.ofAuto(), Fd.POLLIN, -1));
            poller.interruptIn(POLL);
            assertThat(poller.result.get()).isZero();
        }
    }

    /** A thread in a call. */
    private static final class Waiter {
        private final CompletableFuture<Integer> task = new CompletableFuture<>();
        final CompletableFuture<Integer> result = new CompletableFuture<>();

        Waiter(IntSupplier call) {
            Thread.ofPlatform().daemon().start(() -> {
                task.complete(Until.ownTask());
                try {
                    result.complete(call.getAsInt());
                } catch (Throwable e) {
                    result.completeExceptionally(e);
                }
            });
        }

        void interruptIn(int systemCall) throws Exception {
            Until.sleepsIn(systemCall, task.get());
            Tgkill.send(task.get());
        }

        /** How often it has gone to sleep in its life. */
        long sleeps() {
            try {
                return Files.readAllLines(Path.of("/proc/self/task/" + task.join() + "/status")).stream()
                        .filter(line -> line.startsWith("voluntary_ctxt_switches:"))
                        .mapToLong(line -> Long.parseLong(line.substring(24).strip())).findAny().orElseThrow();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private static final class Tgkill {
        private static final MethodHandle CALL = Link.variadic(LibC.syscall.address(),
                LibC.syscall.makeInvoker(LibC.C_LONG, LibC.C_LONG, LibC.C_LONG).descriptor(), 1);

        static void send(int task) {
            try {
                CallState state = CallState.ofAuto();
                long result = (long) CALL.invokeExact(state.capture(), TGKILL, ProcessHandle.current().pid(),
                        (long) task, (long) SIGNAL);
                assertThat(state.result(result)).isZero();
            } catch (Throwable e) {
                throw new AssertionError(e);
            }
        }
    }
}
