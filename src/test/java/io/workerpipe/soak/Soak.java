package io.workerpipe.soak;

import io.workerpipe.process.Await;
import io.workerpipe.process.Checker;
import io.workerpipe.process.Checker.Balance;
import io.workerpipe.process.Checker.Story;
import io.workerpipe.process.ChildJvm;
import io.workerpipe.process.Journal;
import io.workerpipe.process.Journal.Book;
import io.workerpipe.roster.Counter;
import io.workerpipe.roster.Entry;
import io.workerpipe.roster.Roster;
import io.workerpipe.roster.RosterFolder;
import io.workerpipe.roster.State;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Workers that send to each other without end while all that can happen to a process happens to them. It goes in rounds:
 * traffic and faults; then all comes to rest, what each wrote down is checked to the alert, and the next begins.
 *
 * <p>Ends at the first thing that is wrong, and keeps the journals of that round.
 */
final class Soak implements AutoCloseable {
    /** A dead one is out of the roster a moment after its end; more only where the machine has no time for it. */
    private static final Duration SEEN_DEAD = Duration.ofSeconds(10);
    private static final Duration LIMIT = Duration.ofSeconds(120);
    /** A lie may take 4,096 bytes with it, and of the alert before and the one behind a part. */
    private static final int LIE_BYTES = 4_096 + 2 * 300;
    /** What an elder may have more than the least of the first rounds, before it is a leak: what the JVM loads and compiles. */
    private static final int MORE_KIB = 32 << 10;
    /** The library gives back within ten seconds what nobody needs. */
    private static final Duration GIVEN_BACK = Duration.ofSeconds(15);
    private static final int MORE_DESCRIPTORS = 4;
    private static final int MORE_THREADS = 3;
    /** By then all code has run, and been compiled. */
    private static final int SETTLED_ROUNDS = 3;

    private static final Pattern SKIPPED = Pattern.compile("skippedBytes=\\d+,");

    private final SoakOptions options;
    private final Schedule schedule;
    private final Processes processes;
    private final SoakLog log;
    private final Tally tally = new Tally();
    private final List<Place> places = new ArrayList<>();
    private final ExecutorService work = Executors.newCachedThreadPool(task -> Thread.ofPlatform().daemon().unstarted(
            task));
    private final AtomicInteger running = new AtomicInteger();
    private final AtomicReference<Throwable> failure = new AtomicReference<>();
    private final Set<Long> killedPids = ConcurrentHashMap.newKeySet();
    private final Set<Long> droppingPids = ConcurrentHashMap.newKeySet();
    private final Map<Long, Integer> lies = new ConcurrentHashMap<>();
    /** By process, when it rested last. */
    private final Map<Long, String> skippedBefore = new HashMap<>();
    private final AtomicInteger guests = new AtomicInteger();
    private volatile int round = -1;
    private Roster roster;

    private Soak(SoakOptions options) throws IOException {
        this.options = options;
        schedule = new Schedule(options.seed(), options.workers());
        processes = new Processes(options.folder());
        log = new SoakLog(options.folder());
        for (int i = 0; i < options.workers(); i++) {
            places.add(new Place(i));
        }
    }

    /** @param arguments minutes, seed, workers; what it leaves is in the folder of the property soak.folder */
    public static void main(String[] arguments) throws Exception {
        Path folder = Path.of(System.getProperty("soak.folder")).toAbsolutePath();
        System.exit(run(SoakOptions.parse(arguments, folder)) == null ? 0 : 1);
    }

    /** @return what was wrong; null if nothing was */
    static String run(SoakOptions options) throws Exception {
        Files.createDirectories(options.folder());
        try (Soak soak = new Soak(options)) {
            String wrong = null;
            soak.log.say(
                    "seed " + options.seed() + ", " + options.workers() + " workers, " + options.length().toSeconds()
                            + " s in " + options.folder());
            try {
                soak.run();
            } catch (Throwable e) {
                wrong = e.toString();
                soak.log.say("FAILED in round " + soak.round + ", with --seed " + options.seed() + ": " + wrong);
                soak.processes.keepLogs();
            }
            SoakReport.write(options, soak.tally, wrong);
            soak.log.say(SoakReport.lastLine(options, soak.tally, wrong));
            return wrong;
        }
    }

    @Override
    public void close() throws IOException {
        work.shutdownNow();
        processes.destroyAll();
        log.close();
        if (roster != null) {
            roster.close();
        }
    }

    private void run() throws Exception {
        processes.makeArchive();
        for (Place place : places) {
            spawn(place, false);
        }
        for (Place place : places) {
            place.child.hear("joined");
        }
        roster = Roster.look(RosterFolder.at(processes.groups()), SoakWorker.GROUP).orElseThrow();
        Thread gauges = Thread.ofPlatform().daemon().name("gauges").start(this::lookAtGauges);
        long end = System.nanoTime() + options.length().toNanos();
        for (round = 0; System.nanoTime() < end; round++) {
            long left = Duration.ofNanos(end - System.nanoTime()).toMillis();
            long usual = options.round().toMillis() / (schedule.hasLies(round) ? 3 : 1);
            // No short one at the end.
            long millis = left < usual * 3 / 2 ? left : usual;
            round(Math.max(1_000, millis));
        }
        gauges.interrupt();
        leave();
    }

    // ---------------------------------------------------------------- a round

    private void round(long millis) throws Exception {
        boolean withLies = schedule.hasLies(round);
        killedPids.clear();
        lies.clear();
        askAll("open " + round, "opened");
        askAll("go " + go(), "going");
        long start = System.nanoTime();
        for (Fault fault : schedule.of(round, millis)) {
            while (System.nanoTime() < start + fault.millis() * 1_000_000) {
                checkOn();
                LockSupport.parkNanos(Math.min(100_000_000, start + fault.millis() * 1_000_000 - System.nanoTime()));
            }
            happen(fault);
        }
        while (System.nanoTime() < start + millis * 1_000_000) {
            checkOn();
            LockSupport.parkNanos(20_000_000);
        }
        Await.until("at an end with all faults", LIMIT, () -> {
            checkFailure();
            return running.get() == 0;
        });
        askAll("quiet", "quiet");
        // What is read may be answered, and the answers want to be read.
        settle();
        settle();
        Balance balance = check();
        tally.round(balance);
        rest();
        checkOn();
        log.say("round " + round + (withLies ? " with lies: " : ": ") + SoakReport.text(balance) + "; "
                + tally.kills() + " kills so far");
        deleteJournals();
    }

    private String go() {
        return options.seed() + round + "," + (schedule.hasLies(round) ? "small" : "all");
    }

    private void askAll(String line, String word) throws Exception {
        for (Place place : places) {
            place.child.say(line);
        }
        for (Place place : places) {
            place.child.hear(word);
        }
    }

    /** All is in pipes, then all is read; and everybody sees those who are there, and nobody else. */
    private void settle() throws Exception {
        for (Place place : places) {
            place.child.say("settle");
        }
        String members = places.stream().map(place -> Long.toString(place.child.pid())).sorted()
                .collect(Collectors.joining(","));
        for (Place place : places) {
            String seen = place.child.hear("settled");
            if (!seen.equals(members)) {
                throw new AssertionError(place.name() + " sees workers " + seen + ", but there are " + members);
            }
        }
    }

    private Balance check() throws IOException {
        List<Book> books = new ArrayList<>();
        for (Path file : journals()) {
            if (Journal.isMade(file) || !killedPids.contains(Journals.pid(file))) {
                books.add(Journal.read(file));
            }
        }
        Balance balance = Checker.check(books, new Story(killedPids, Set.of(), droppingPids, lies, LIE_BYTES));
        if (balance.delivered() == 0) {
            throw new AssertionError("nothing was delivered in round " + round);
        }
        return balance;
    }

    private List<Path> journals() throws IOException {
        try (Stream<Path> files = Files.list(processes.journals())) {
            return files.filter(file -> file.getFileName().toString().startsWith(Journals.prefix(round))).toList();
        }
    }

    private void deleteJournals() throws IOException {
        for (Path file : journals()) {
            Files.delete(file);
        }
    }

    /** Where nothing happens, those who have lived from the beginning have what they had. */
    private void rest() throws Exception {
        for (Place place : places) {
            place.child.say("rest");
        }
        for (Place place : places) {
            String counts = place.child.hear("rest");
            String skipped = SKIPPED.matcher(counts).results().findFirst().orElseThrow().group();
            String before = skippedBefore.put(place.child.pid(), skipped);
            // Who has lived through lies has counted them.
            if (!counts.contains("discarded=0, failedHandlers=0,")
                    || !schedule.hasLies(round) && place.number >= schedule.elders()
                            && !skipped.equals("skippedBytes=0,") && !skipped.equals(before)) {
                throw new AssertionError(place.name() + " has counted what must not be: " + counts);
            }
        }
        for (Place place : places.subList(0, schedule.elders())) {
            rest(place);
        }
        log.gauges(round, "rest", places, alertsIn(), tally.kills());
    }

    private void rest(Place place) throws Exception {
        List<Gauges> all = tally.atRest().get(place.number);
        if (all == null || all.size() < SETTLED_ROUNDS) {
            tally.rest(place.number, Gauges.of(place.child.pid()).orElseThrow());
            return;
        }
        List<Gauges> first = all.subList(0, SETTLED_ROUNDS);
        long own = first.stream().mapToLong(Gauges::ownKib).min().orElseThrow() + MORE_KIB;
        int descriptors = first.stream().mapToInt(Gauges::descriptors).max().orElseThrow() + MORE_DESCRIPTORS;
        int threads = first.stream().mapToInt(Gauges::threads).max().orElseThrow() + MORE_THREADS;
        AtomicReference<Gauges> now = new AtomicReference<>();
        Await.until("where it was in the first " + SETTLED_ROUNDS + " rounds: " + place.name() + ", at most " + own
                + " KiB, " + descriptors + " descriptors, " + threads + " threads", GIVEN_BACK, () -> {
                    now.set(Gauges.of(place.child.pid()).orElseThrow());
                    return now.get().ownKib() <= own && now.get().descriptors() <= descriptors
                            && now.get().threads() <= threads;
                }, now::get);
        tally.rest(place.number, now.get());
    }

    private void lookAtGauges() {
        try {
            while (true) {
                Thread.sleep(options.length().toSeconds() > 600 ? 10_000 : 2_000);
                log.gauges(round, "traffic", places, alertsIn(), tally.kills());
            }
        } catch (InterruptedException | IllegalStateException e) {
            // All is over, and the roster closed.
        } catch (IOException e) {
            failure.compareAndSet(null, e);
        }
    }

    private void checkFailure() {
        Throwable wrong = failure.get();
        if (wrong != null) {
            throw new AssertionError(wrong.toString(), wrong);
        }
    }

    /** Nothing is wrong so far. */
    private void checkOn() throws IOException {
        checkFailure();
        List<Path> crashes = processes.crashes();
        if (!crashes.isEmpty()) {
            throw new AssertionError("a JVM has crashed: " + crashes);
        }
        List<String> unexpected = processes.unexpected(tally.faults().containsKey(Fault.Kind.LIE));
        if (!unexpected.isEmpty()) {
            throw new AssertionError("nobody was to say this: " + unexpected);
        }
        for (Place place : places) {
            if (!place.isBusy() && !place.child.isAlive() && !place.isBusy()) {
                throw new AssertionError(place.child.name + ", process " + place.child.pid()
                        + ", has ended though nobody killed it: " + place.child.log());
            }
        }
    }

    // ---------------------------------------------------------------- faults

    private void happen(Fault fault) {
        boolean needsPlace = switch (fault.kind()) {
            case GUEST, GUEST_KILLED, LIE -> false;
            default -> true;
        };
        Place place = needsPlace ? take(fault) : places.get(fault.place());
        if (place == null) {
            tally.missed();
            return;
        }
        log.fault(round, fault, place);
        running.incrementAndGet();
        work.execute(() -> {
            try {
                happen(fault, place);
                tally.fault(fault.kind());
            } catch (Throwable e) {
                failure.compareAndSet(null, new AssertionError(fault + ": " + e, e));
            } finally {
                if (needsPlace) {
                    place.release();
                }
                running.decrementAndGet();
            }
        });
    }

    /** The worker that it is meant for or, if that is busy with another fault, one of the next; null if all are. */
    private Place take(Fault fault) {
        int first = fault.kind().kills() ? schedule.elders() : 0;
        int count = places.size() - first;
        for (int i = 0; i < count; i++) {
            Place place = places.get(first + (fault.place() - first + i) % count);
            if (place.take()) {
                return place;
            }
        }
        return null;
    }

    private void happen(Fault fault, Place place) throws Exception {
        switch (fault.kind()) {
            case KILL -> {
                kill(place);
                respawn(place);
            }
            case KILL_TWICE -> {
                kill(place);
                spawn(place, true);
                Thread.sleep(fault.amount());
                kill(place);
                respawn(place);
            }
            case STOP -> {
                place.child.stop();
                Thread.sleep(fault.amount());
                place.child.resume();
            }
            case STOP_AND_KILL -> {
                place.child.stop();
                Thread.sleep(fault.amount());
                kill(place);
                respawn(place);
            }
            case REJOIN -> place.child.ask("rejoin", "rejoined");
            case COLLECT, NAP -> place.child.say(fault.kind().name().toLowerCase(java.util.Locale.ROOT) + " "
                    + fault.amount());
            case FLOOD -> {
                ChildJvm victim = places.get((fault.place() + 1 + fault.amount() % (places.size() - 1))
                        % places.size()).child;
                place.child.say("flood " + victim.pid() + " " + fault.amount() + " " + (100 + fault.millis()) + " "
                        + options.seed());
            }
            case GUEST, GUEST_KILLED -> guest(fault);
            case LIE -> lie(fault, place);
        }
    }

    private void kill(Place place) throws Exception {
        ChildJvm child = place.child;
        killedPids.add(child.pid());
        child.kill();
        long closed = System.nanoTime();
        Await.until("seen dead: process " + child.pid(), SEEN_DEAD, () -> live().noneMatch(
                entry -> entry.pid() == child.pid()));
        tally.kill(System.nanoTime() - closed);
    }

    private Stream<Entry> live() throws IOException {
        return roster.all().stream().filter(entry -> entry.state() == State.LIVE);
    }

    /** By process id. */
    private Map<Integer, Long> alertsIn() throws IOException {
        return live().collect(Collectors.toMap(Entry::pid, entry -> roster.counters(entry.slot()).get(
                Counter.ALERTS_IN)));
    }

    private void spawn(Place place, boolean late) throws IOException {
        List<String> arguments = new ArrayList<>(List.of("round=" + round, "policy=" + place.policy(),
                "outbox=" + place.outboxBytes()));
        if (late) {
            arguments.add("go=" + go());
        }
        place.child = processes.start(place.name(), place.number < schedule.elders(), arguments);
        if (place.drops()) {
            droppingPids.add(place.child.pid());
        }
    }

    private void respawn(Place place) throws Exception {
        spawn(place, true);
        place.child.hear("joined");
    }

    private void guest(Fault fault) throws Exception {
        boolean dies = fault.kind() == Fault.Kind.GUEST_KILLED;
        ChildJvm guest = processes.start("guest" + guests.incrementAndGet(), false, List.of("round=" + round,
                "policy=wait", "outbox=" + (1 << 20), "guest=" + fault.amount(), "seed=" + options.seed()));
        guest.hear("joined");
        if (dies) {
            Thread.sleep(fault.amount() % 500);
            killedPids.add(guest.pid());
            guest.kill();
            tally.kill(-1);
        } else {
            guest.hear("left");
            guest.awaitEnd();
        }
    }

    private void lie(Fault fault, Place place) throws IOException {
        List<Entry> members = live().toList();
        Optional<Entry> victim = members.stream().filter(entry -> entry.pid() == place.child.pid()).findFirst();
        if (victim.isPresent()) {
            lies.merge((long) victim.get().pid(), 1, Integer::sum);
            Lies.write(victim.get(), new Lies(fault.amount(), members).next());
        }
    }

    // ---------------------------------------------------------------- the end

    private void leave() throws Exception {
        for (Place place : places) {
            place.take();
            place.child.say("leave");
        }
        for (Place place : places) {
            place.child.hear("left");
            place.child.awaitEnd();
        }
        checkOn();
        try (Stream<Path> files = Files.list(processes.groups())) {
            List<Path> left = files.toList();
            if (!left.isEmpty()) {
                throw new AssertionError("left in the folder of groups: " + left);
            }
        }
        Files.delete(processes.groups());
        try (Stream<Path> journals = Files.list(processes.journals())) {
            for (Path journal : journals.toList()) {
                Files.delete(journal);
            }
        }
        Files.delete(processes.journals());
    }
}
