package io.workerpipe.supervise;

import io.workerpipe.linux.ProcessId;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The workers of a supervisor. One thread of its own starts them, sees what becomes of them and says so; all public
 * methods are for any thread.
 *
 * <p>All processes are started by that thread, which lasts as long as any of them: who sets PR_SET_PDEATHSIG hears of
 * the end of the thread that started it, not of the process.
 */
public final class Crew {
    private static final long BUSY_MILLIS = 20;
    private static final long IDLE_MILLIS = 1000;
    private static final Duration LAST_EVENTS = Duration.ofSeconds(2);

    private final Plan plan;
    private final Roll roll;
    private final Observer observer;
    private final ProcessId supervisor;
    private final Events events;
    private final List<Place> places = new ArrayList<>();
    private final Rotation rotation = new Rotation(this, places);
    /** Members that are known already. */
    private final Set<Long> seen = new HashSet<>();
    private final CompletableFuture<Void> started = new CompletableFuture<>();
    private final CompletableFuture<Integer> ended = new CompletableFuture<>();
    private final AtomicReference<Throwable> failure = new AtomicReference<>();
    private final Object signal = new Object();
    private boolean awake;
    private volatile boolean replaceWanted;
    private volatile boolean stopWanted;
    private volatile boolean killWanted;
    private volatile List<Long> pids = List.of();
    private boolean stopping;
    private boolean allSeen;
    private int killed;

    private Crew(Plan plan, Roll roll, Observer observer) throws IOException {
        this.plan = plan;
        this.roll = roll;
        this.observer = observer;
        supervisor = ProcessId.here();
        events = new Events(observer, this::failed);
    }

    /**
     * Starts all workers.
     *
     * @return when all processes have been started; they may not have joined yet
     * @throws IOException if the command cannot be run; then nothing of it runs
     */
    public static Crew start(Plan plan, Roll roll, Observer observer) throws IOException {
        Crew crew = new Crew(plan, roll, observer);
        Thread.ofPlatform().name("workerpipe-" + plan.group() + "-supervisor").start(crew::run);
        try {
            crew.started.join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof IOException cause) {
                throw cause;
            }
            throw e;
        }
        return crew;
    }

    /** Replaces all workers, one after the other. */
    public void replace() {
        replaceWanted = true;
        wake();
    }

    /** Stops all workers: SIGTERM, and SIGKILL when the time is over. */
    public void stop() {
        stopWanted = true;
        wake();
    }

    /** Stops all workers at once: SIGKILL. */
    public void kill() {
        killWanted = true;
        wake();
    }

    /**
     * The processes that work now, by index.
     *
     * @return their ids; 0 where one is to be started
     */
    public List<Long> pids() {
        return pids;
    }

    /**
     * Its end.
     *
     * @return how many had to be killed; or why it ended, if nobody had told it to
     */
    public CompletableFuture<Integer> ended() {
        return ended;
    }

    // ---------------------------------------------------------------- for its children

    Observer observer() {
        return observer;
    }

    void wake() {
        synchronized (signal) {
            awake = true;
            signal.notifyAll();
        }
    }

    /** @param reason null: all was read */
    void streamEnded(IOException reason) {
        if (reason == null) {
            wake();
        } else {
            failed(reason);
        }
    }

    private void failed(Throwable reason) {
        failure.compareAndSet(null, reason);
        wake();
    }

    void say(String text) {
        events.say(text);
    }

    Child start(int index) throws IOException {
        return Child.start(plan, index, supervisor, this);
    }

    void countKilled() {
        killed++;
    }

    static String workers(int count) {
        return count + (count == 1 ? " worker" : " workers");
    }

    // ---------------------------------------------------------------- the thread

    private void run() {
        try {
            roll.members().forEach(member -> seen.add(member.incarnation()));
            if (startAll()) {
                started.complete(null);
            }
            while (!stopping || places.stream().anyMatch(place -> !place.isEmpty())) {
                step();
                await();
            }
        } catch (Throwable e) {
            failure.compareAndSet(null, e);
        } finally {
            end();
        }
    }

    private void end() {
        try {
            // Whatever went wrong: nothing is left behind.
            places.forEach(Place::kill);
            events.end(LAST_EVENTS);
        } catch (Throwable e) {
            failure.compareAndSet(null, e);
        }
        Throwable why = failure.get();
        started.completeExceptionally(why == null ? new IllegalStateException("stopped while it started") : why);
        if (why == null) {
            ended.complete(killed);
        } else {
            ended.completeExceptionally(why);
        }
    }

    /** False if the command cannot be run; then those that were started are stopped. */
    private boolean startAll() {
        for (int index = 0; index < plan.count(); index++) {
            Place place = new Place(this, plan, index);
            places.add(place);
            try {
                place.start();
            } catch (IOException e) {
                failure.compareAndSet(null, e);
                stopping = true;
                places.forEach(Place::stop);
                return false;
            }
        }
        publishPids();
        say("group '" + plan.group() + "', supervisor process " + supervisor.pid() + ": started "
                + workers(plan.count()) + ": " + pids.stream().map(String::valueOf).collect(Collectors.joining(" ")));
        return true;
    }

    private void step() {
        if (!stopping && (stopWanted || killWanted || failure.get() != null)) {
            stopping = true;
            say("stopping " + workers(plan.count()));
            places.forEach(Place::stop);
        }
        if (killWanted) {
            killWanted = false;
            places.forEach(Place::kill);
        }
        seeJoins();
        places.forEach(Place::step);
        if (!stopping) {
            if (replaceWanted) {
                replaceWanted = false;
                rotation.begin();
            }
            rotation.step();
        }
        publishPids();
    }

    /** Each member once: whose process it is, or a descendant of. */
    private void seeJoins() {
        List<Roll.Member> members = roll.members();
        for (Roll.Member member : members) {
            if (seen.add(member.incarnation())) {
                ProcessHandle.of(member.pid()).ifPresent(this::joined);
            }
        }
        if (seen.size() > members.size()) {
            seen.retainAll(members.stream().map(Roll.Member::incarnation).collect(Collectors.toSet()));
        }
        if (!allSeen && !stopping && places.stream().allMatch(place -> place.current() != null
                && place.current().hasJoined())) {
            allSeen = true;
            say("all have joined");
        }
    }

    private void joined(ProcessHandle member) {
        Set<Long> line = Stream.iterate(Optional.of(member), Optional::isPresent, each -> each.flatMap(
                ProcessHandle::parent)).map(each -> each.get().pid()).collect(Collectors.toSet());
        places.stream().flatMap(Place::children).filter(child -> line.contains(child.pid())).findFirst()
                .ifPresent(child -> child.join(member));
    }

    private void publishPids() {
        pids = places.stream().map(Place::current).map(child -> child == null ? 0L : child.pid()).toList();
    }

    private void await() throws InterruptedException {
        boolean busy = stopping || rotation.isUnderWay() || places.stream().anyMatch(Place::isBusy);
        synchronized (signal) {
            if (!awake) {
                signal.wait(busy ? BUSY_MILLIS : IDLE_MILLIS);
            }
            awake = false;
        }
    }
}
