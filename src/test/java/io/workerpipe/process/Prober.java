package io.workerpipe.process;

import io.workerpipe.Ipc;
import io.workerpipe.WhenFull;
import io.workerpipe.linux.Pipe;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;

/**
 * A process that tries what a test says on its standard input, a line each, and answers "ok ..." or "failed ..." with the
 * exception: unlike a {@link Member} it survives what fails.
 */
final class Prober {
    private final AtomicLong alerts = new AtomicLong();
    private final AtomicLong bytes = new AtomicLong();
    private final List<Pipe> pipes = new ArrayList<>();
    private Ipc ipc;

    private Prober() {}

    public static void main(String[] args) throws Exception {
        Prober prober = new Prober();
        BufferedReader input = new BufferedReader(new InputStreamReader(System.in));
        for (String line = input.readLine(); line != null; line = input.readLine()) {
            String answer;
            try {
                answer = "ok " + prober.run(line.split(" "));
            } catch (Throwable e) {
                e.printStackTrace(System.out);
                answer = "failed " + e.getClass().getSimpleName() + " " + e.getMessage();
            }
            System.out.println(ChildJvm.ANSWER + answer.strip());
            System.out.flush();
        }
        System.exit(0);
    }

    private String run(String[] words) throws Throwable {
        return switch (words[0]) {
            case "join" -> join(words);
            case "leave" -> {
                ipc.close();
                ipc = null;
                yield "";
            }
            case "workers" -> ipc.workers().stream().map(worker -> Long.toString(worker.pid())).sorted()
                    .collect(Collectors.joining(","));
            case "send" -> {
                ipc.send(Long.parseLong(words[1]), "probe", new byte[Integer.parseInt(words[2])]);
                yield "";
            }
            case "lend" -> {
                try (Arena arena = Arena.ofShared()) {
                    ipc.lend(Long.parseLong(words[1]), "probe", arena.allocate(Long.parseLong(words[2])))
                            .toCompletableFuture().get(ChildJvm.LIMIT.toSeconds(), TimeUnit.SECONDS);
                }
                yield "";
            }
            case "hide" -> hide();
            case "ready" -> "";
            case "broadcast" -> Integer.toString(ipc.broadcast("probe", new byte[Integer.parseInt(words[1])]));
            case "flush" -> Boolean.toString(ipc.flush(ChildJvm.LIMIT));
            case "received" -> alerts + " " + bytes;
            case "statistics" -> ipc.statistics().toString();
            case "hold-pipes" -> holdPipes(Integer.parseInt(words[1]), Integer.parseInt(words[2]));
            case "free-pipes" -> {
                pipes.forEach(Pipe::close);
                pipes.clear();
                yield "";
            }
            default -> throw new IOException("what is \"" + String.join(" ", words) + "\"?");
        };
    }

    /** join [guest] [outbox=BYTES] [pool=BYTES] [wait=MILLIS] */
    private String join(String[] words) throws IOException {
        Ipc.Builder builder = Ipc.builder(Children.GROUP).closeLimit(ChildJvm.LIMIT).receive("probe", alert -> {
            bytes.addAndGet(alert.length());
            alerts.incrementAndGet();
        });
        for (int i = 1; i < words.length; i++) {
            String value = words[i].substring(words[i].indexOf('=') + 1);
            switch (words[i].split("=")[0]) {
                case "guest" -> builder.guest();
                case "outbox" -> builder.outboxBytes(Long.parseLong(value));
                case "pool" -> builder.poolBytes(Long.parseLong(value));
                case "wait" -> builder.whenFull(WhenFull.waitAtMost(Duration.ofMillis(Long.parseLong(value))));
                default -> throw new IOException("what is \"" + words[i] + "\"?");
            }
        }
        ipc = builder.join();
        return Integer.toString(ipc.self().slot());
    }

    /** PR_SET_DUMPABLE, 0. */
    private static String hide() throws Throwable {
        Linker linker = Linker.nativeLinker();
        MethodHandle prctl = linker.downcallHandle(linker.defaultLookup().find("prctl").orElseThrow(),
                FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_LONG),
                Linker.Option.firstVariadicArg(1));
        return Integer.toString((int) prctl.invokeExact(4, 0L));
    }

    /** hold-pipes COUNT BYTES: as many as can be had; the size of the last. */
    private String holdPipes(int count, int size) throws IOException {
        int last = 0;
        for (int i = 0; i < count; i++) {
            Pipe pipe = Pipe.create();
            pipes.add(pipe);
            pipe.resize(size);
            last = pipe.size();
        }
        return Integer.toString(last);
    }
}
