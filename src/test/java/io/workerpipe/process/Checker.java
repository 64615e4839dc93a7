package io.workerpipe.process;

import io.workerpipe.process.Journal.Book;
import io.workerpipe.process.Journal.Kind;
import io.workerpipe.process.Journal.Line;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Makes the balance of what members wrote down: what was attempted has been delivered, refused, dropped and announced, or
 * was lost with a process that was killed. Nothing comes twice, in another order, or changed.
 */
public final class Checker {
    /**
     * What became of all alerts, a broadcast once for each receiver; {@code lost} and {@code unknown} (being sent when the
     * sender died) need a death, {@code lied} away needs a lie in the receiver's inbox, {@code dropped} a loss notice.
     */
    public record Balance(long attempted, long delivered, long refused, long gone, long lost, long unknown,
            long dropped,
            long lied, long bytes) {
        public static final Balance ZERO = new Balance(0, 0, 0, 0, 0, 0);

        Balance(long attempted, long delivered, long refused, long gone, long lost, long unknown) {
            this(attempted, delivered, refused, gone, lost, unknown, 0, 0, 0);
        }

        public Balance plus(Balance other) {
            return new Balance(attempted + other.attempted, delivered + other.delivered, refused + other.refused,
                    gone + other.gone, lost + other.lost, unknown + other.unknown, dropped + other.dropped,
                    lied + other.lied, bytes + other.bytes);
        }

        /** Delivered and so on are together what was attempted. */
        public boolean isExact() {
            return attempted == delivered + refused + gone + lost + unknown + dropped + lied;
        }

        /** The bytes that were delivered do not count. */
        @Override
        public boolean equals(Object other) {
            return other instanceof Balance balance && attempted == balance.attempted && delivered == balance.delivered
                    && refused == balance.refused && gone == balance.gone && lost == balance.lost
                    && unknown == balance.unknown && dropped == balance.dropped && lied == balance.lied;
        }

        @Override
        public int hashCode() {
            return Long.hashCode(attempted);
        }
    }

    /**
     * What happened to the members.
     *
     * @param killedPids processes that were killed
     * @param leftPids   processes that left while others were sending, unless their books say so
     * @param dropping   processes whose policy drops what has no room
     * @param lies       how many lies were written into the inboxes of these processes
     * @param lieBytes   what a lie may take with it: lost are at most as many bytes of alerts, each counted whole
     */
    public record Story(Set<Long> killedPids, Set<Long> leftPids, Set<Long> dropping, Map<Long, Integer> lies,
            int lieBytes) {}

    /** Alerts that are in order: of one thread of a sender, to one receiver or to all. */
    private record Stream(long sender, long receiver, boolean broadcast, long thread) {}

    /** A sender's and a receiver's process: a loss notice does not tell the memberships of one process apart. */
    private record Pair(long sender, long receiver) {}

    /**
     * What is missing between two: in between, with so many bytes; at the end, for a death; at the beginning, if it was
     * sent at all, since the receiver joined late.
     */
    private record Missing(long holes, long bytes, long end, long early) {
        Missing plus(Missing other) {
            return new Missing(holes + other.holes, bytes + other.bytes, end + other.end, early + other.early);
        }
    }

    /** What one thread sent to all, and how often each arrived. */
    private static final class Broadcasts {
        final List<Line> lines = new ArrayList<>();
        final Map<Long, Set<Long>> refusedTo = new HashMap<>();
        /** By number: arrived; excused by a death, a lie, or a policy. */
        int[] delivered;
        int[] excused;
        /** Of those that count as arrived: dropped, or lied away. */
        int[] holes;
    }

    private final List<Book> books;
    private final Story story;
    private final Map<Long, Book> known = new HashMap<>();
    private final Set<Long> killed = new HashSet<>();
    private final Set<Long> left = new HashSet<>();
    /** Processes that were killed as members; they may have left and joined again before. */
    private final Set<Long> killedProcesses = new HashSet<>();
    private final Set<Long> dropping = new HashSet<>();
    /** Members that were killed before they knew who they are. */
    private int nameless;

    private final Map<Stream, List<Line>> sent = new LinkedHashMap<>();
    private final Map<Stream, Broadcasts> broadcasts = new LinkedHashMap<>();
    private final Map<Stream, List<Line>> got = new LinkedHashMap<>();
    private final Map<Pair, Long> announced = new HashMap<>();
    private final Map<Pair, Missing> missing = new HashMap<>();
    private final Map<Long, Long> liedBytes = new HashMap<>();
    private final Map<Long, Integer> broken = new HashMap<>();
    private final List<String> faults = new ArrayList<>();
    private Balance all = Balance.ZERO;

    private Checker(List<Book> books, Story story) {
        this.books = books;
        this.story = story;
        for (Book book : books) {
            if (book.incarnation() == 0) {
                nameless++;
                continue;
            }
            known.put(book.incarnation(), book);
            if (book.left() || story.leftPids.contains(book.pid())) {
                left.add(book.incarnation());
            } else if (story.killedPids.contains(book.pid())) {
                killed.add(book.incarnation());
                killedProcesses.add(book.pid());
            }
            if (story.dropping.contains(book.pid())) {
                dropping.add(book.incarnation());
            }
        }
    }

    /** The balance, or an AssertionError that lists what is wrong. */
    static Balance check(List<Book> books, Set<Long> killedPids) {
        return check(books, killedPids, Set.of());
    }

    /** @param leftPids those that left while others were sending: they may find them gone, and that is all */
    static Balance check(List<Book> books, Set<Long> killedPids, Set<Long> leftPids) {
        return check(books, new Story(killedPids, leftPids, Set.of(), Map.of(), 0));
    }

    /** The balance, or an AssertionError that lists what is wrong. */
    public static Balance check(List<Book> books, Story story) {
        Checker checker = new Checker(books, story);
        checker.check();
        if (!checker.all.isExact()) {
            checker.faults.add("the balance is not exact");
        }
        if (!checker.faults.isEmpty()) {
            throw new AssertionError(checker.faults.size() + " faults, " + checker.all + ":\n"
                    + String.join("\n", checker.faults.subList(0, Math.min(20, checker.faults.size()))));
        }
        return checker.all;
    }

    private void check() {
        books.forEach(this::sort);
        sent.forEach((stream, lines) -> {
            List<Line> delivered = got.remove(stream);
            addressed(stream, lines, delivered == null ? List.of() : delivered);
        });
        broadcasts.forEach(this::toAll);
        got.forEach((stream, lines) -> faults
                .add(stream.receiver + " got what was never sent: " + stream + ", " + lines.size() + " alerts"));
        announced.keySet().forEach(pair -> missing.putIfAbsent(pair, new Missing(0, 0, 0, 0)));
        missing.forEach(this::announced);
        liedBytes.forEach((receiver, bytes) -> {
            long most = (long) story.lies.get(receiver) * story.lieBytes;
            if (bytes > most) {
                faults.add("process " + receiver + " lost " + bytes + " bytes to " + story.lies.get(receiver)
                        + " lies, at most "
                        + most + " are allowed");
            }
        });
        broken.forEach((receiver, count) -> {
            if (count > story.lies.getOrDefault(known.get(receiver).pid(), 0)) {
                faults.add(receiver + " got " + count + " broken alerts");
            }
        });
    }

    /** Puts the lines where they belong. */
    private void sort(Book book) {
        long self = book.incarnation();
        for (Line line : book.lines()) {
            long thread = line.sequence() >>> 32;
            switch (line.kind()) {
                case BROKEN -> {
                    broken.merge(self, 1, Integer::sum);
                    if (!isLiedTo(self)) {
                        faults.add(self + " got a broken alert of " + line.length() + " bytes");
                    }
                }
                case NOTICE -> announced.merge(new Pair(line.peer(), book.pid()), line.sequence(), Long::sum);
                case RECEIVED -> {
                    got.computeIfAbsent(new Stream(line.peer(), self, line.broadcast(), thread),
                            stream -> new ArrayList<>()).add(line);
                    if (!known.containsKey(line.peer()) && nameless == 0) {
                        faults.add(self + " got an alert of nobody, " + line.peer());
                    }
                }
                default -> {
                    if (!line.broadcast()) {
                        sent.computeIfAbsent(new Stream(self, line.peer(), false, thread),
                                stream -> new ArrayList<>()).add(line);
                    } else {
                        Broadcasts to = broadcasts.computeIfAbsent(new Stream(self, Payload.ALL, true, thread),
                                stream -> new Broadcasts());
                        if (line.peer() == Payload.ALL) {
                            to.lines.add(line);
                        } else {
                            to.refusedTo.computeIfAbsent(line.peer(), receiver -> new HashSet<>())
                                    .add(line.sequence());
                        }
                    }
                }
            }
        }
    }

    // ---------------------------------------------------------------- to one

    /** One thread's alerts to one receiver. */
    private void addressed(Stream stream, List<Line> lines, List<Line> delivered) {
        boolean senderKilled = killed.contains(stream.sender);
        boolean receiverKilled = killed.contains(stream.receiver);
        if (!known.containsKey(stream.receiver)) {
            receiverKilled = nameless > 0;
            if (!receiverKilled) {
                faults.add(stream + ": nobody is this receiver");
            }
        }
        long attempted = 0;
        long refused = 0;
        long gone = 0;
        long unknown = 0;
        List<Line> accepted = new ArrayList<>();
        for (Line line : lines) {
            switch (line.kind()) {
                case ACCEPTED -> {
                    accepted.add(line);
                    if (gone != 0 && !left.contains(stream.receiver)) {
                        faults.add(stream + ": accepted " + line.sequence() + " after the receiver was gone");
                    }
                }
                case REFUSED -> refused++;
                case GONE -> gone++;
                case ATTEMPTED -> {
                    // It may have been accepted; the journal does not know.
                    unknown++;
                    accepted.add(line);
                }
                default -> throw new IllegalStateException("not of a sender: " + line);
            }
            if (line.sequence() != (stream.thread << 32 | attempted)) {
                faults.add(stream + ": the journal misses " + attempted);
            }
            attempted++;
        }
        if (unknown > (senderKilled ? 1 : 0)) {
            faults.add(stream + ": " + unknown + " sends have not returned");
        }
        if (gone != 0 && !receiverKilled && !left.contains(stream.receiver)) {
            faults.add(stream + ": " + gone + " times the receiver was gone, but nobody killed it");
        }
        // What was sent to its process id after it had left got to the next membership of that process.
        boolean nextKilled = left.contains(stream.receiver) && killedProcesses.contains(known.get(stream.receiver)
                .pid());
        Match match = match(stream, accepted, delivered, senderKilled || receiverKilled || nextKilled);
        // What was being sent when the sender died counts as unknown only if it did not arrive.
        unknown = Math.min(unknown, match.end.size());
        all = all.plus(new Balance(attempted, match.arrived, refused, gone, match.end.size() - unknown, unknown, 0, 0,
                match.bytes));
    }

    /** What arrived, what is missing in between, and what is missing at the end for a death. */
    private record Match(int arrived, long bytes, List<Line> holes, List<Line> end) {}

    private boolean isLiedTo(long receiver) {
        Book book = known.get(receiver);
        return book != null && story.lies.containsKey(book.pid());
    }

    private Match match(Stream stream, List<Line> accepted, List<Line> delivered, boolean mayEnd) {
        boolean mayMiss = isLiedTo(stream.receiver) || dropping.contains(stream.sender);
        List<Line> missed = new ArrayList<>();
        int arrived = 0;
        int next = 0;
        long bytes = 0;
        for (Line line : delivered) {
            int from = next;
            while (mayMiss && next < accepted.size() && accepted.get(next).sequence() < line.sequence()) {
                next++;
            }
            if (next == accepted.size() || accepted.get(next).sequence() != line.sequence()) {
                faults.add(stream + ": got " + line.sequence() + " where "
                        + (from < accepted.size() ? accepted.get(from).sequence() : "nothing")
                        + " was to come, after " + arrived);
                break;
            }
            missed.addAll(accepted.subList(from, next));
            next++;
            arrived++;
            bytes += line.length();
        }
        List<Line> end = accepted.subList(next, accepted.size());
        if (!end.isEmpty() && !mayEnd) {
            if (mayMiss) {
                missed.addAll(end);
            } else {
                faults.add(stream + ": " + end.size() + " of " + accepted.size() + " did not arrive, the first is "
                        + end.getFirst());
            }
            end = List.of();
        }
        miss(stream, new Missing(missed.size(), missed.stream().mapToLong(Line::length).sum(), end.size(), 0));
        return new Match(arrived, bytes, missed, end);
    }

    /** What a policy dropped has been announced, to the last one; a lie may have taken a notice too. */
    private void announced(Pair pair, Missing missing) {
        long told = announced.getOrDefault(pair, 0L);
        boolean lied = story.lies.containsKey(pair.receiver);
        if (told < missing.holes && !lied || told > missing.holes + missing.end + missing.early) {
            faults.add("process " + pair.sender + " to " + pair.receiver + ": " + missing + ", but " + told
                    + " losses were announced");
        }
        // So they had been sent to it, and were dropped.
        long early = Math.max(0, told - missing.holes - missing.end);
        long dropped = lied ? Math.min(told, missing.holes) : missing.holes;
        long liedAway = missing.holes - dropped;
        all = all.plus(new Balance(0, 0, 0, 0, -early, 0, dropped + early, liedAway, 0));
        if (liedAway > 0) {
            liedBytes.merge(pair.receiver, missing.bytes * liedAway / missing.holes, Long::sum);
        }
    }

    private void miss(Stream stream, Missing more) {
        Book sender = known.get(stream.sender);
        Book receiver = known.get(stream.receiver);
        if (receiver != null && (dropping.contains(stream.sender) || isLiedTo(stream.receiver))) {
            missing.merge(new Pair(sender.pid(), receiver.pid()), more, Missing::plus);
        }
    }

    // ---------------------------------------------------------------- to all

    private void toAll(Stream stream, Broadcasts broadcast) {
        boolean senderKilled = killed.contains(stream.sender);
        int count = broadcast.lines.size();
        broadcast.delivered = new int[count];
        broadcast.excused = new int[count];
        broadcast.holes = new int[count];
        long unknown = 0;
        for (int i = 0; i < count; i++) {
            Line line = broadcast.lines.get(i);
            if (line.sequence() != (stream.thread << 32 | i)) {
                faults.add(stream + ": the journal misses broadcast " + i);
            }
            if (line.kind() == Kind.ATTEMPTED) {
                unknown++;
            }
        }
        if (unknown > (senderKilled || left.contains(stream.sender) ? 1 : 0)) {
            faults.add(stream + ": " + unknown + " broadcasts have not returned");
        }
        for (Book receiver : books) {
            if (receiver.incarnation() != 0) {
                toOneOfAll(new Stream(stream.sender, receiver.incarnation(), true, stream.thread), receiver, broadcast);
            }
        }
        for (int i = 0; i < count; i++) {
            Line line = broadcast.lines.get(i);
            if (line.kind() != Kind.ACCEPTED) {
                all = all.plus(new Balance(broadcast.delivered[i], broadcast.delivered[i], 0, 0, 0, 0));
                continue;
            }
            int missing = line.receivers() - broadcast.delivered[i];
            // What was dropped at once was not counted as sent, what was dropped later was.
            if (missing < -broadcast.holes[i] || missing > broadcast.excused[i] + nameless) {
                faults.add(stream + ": broadcast " + i + " went to " + line.receivers() + " and arrived at "
                        + (broadcast.delivered[i] - broadcast.holes[i]) + ", " + broadcast.holes[i]
                        + " were dropped or lied away, and " + broadcast.excused[i] + " may have lost it");
            }
            all = all.plus(new Balance(line.receivers() + Math.max(0, -missing), broadcast.delivered[i], 0, 0,
                    Math.max(0, missing), 0));
        }
        broadcast.refusedTo.values().forEach(refused -> all = all.plus(
                new Balance(refused.size(), 0, refused.size(), 0, 0, 0)));
    }

    private void toOneOfAll(Stream stream, Book receiver, Broadcasts broadcast) {
        List<Line> delivered = got.remove(stream);
        Set<Long> refused = broadcast.refusedTo.getOrDefault(stream.receiver, Set.of());
        List<Line> expected = new ArrayList<>();
        List<Line> early = new ArrayList<>();
        for (Line line : broadcast.lines) {
            boolean before = receiver.late()
                    && (delivered == null || line.sequence() < delivered.getFirst().sequence());
            // Its sender left in the middle of it.
            boolean cut = line.kind() == Kind.ATTEMPTED && left.contains(stream.sender)
                    && (delivered == null || line.sequence() > delivered.getLast().sequence());
            if (before && dropping.contains(stream.sender)) {
                early.add(line);
            }
            if (!before && !cut && line.kind() != Kind.REFUSED && !refused.contains(line.sequence())) {
                expected.add(line);
            }
        }
        early.forEach(line -> count(broadcast.excused, line));
        miss(stream, new Missing(0, 0, 0, early.size()));
        boolean mayEnd = killed.contains(stream.sender) || killed.contains(stream.receiver)
                || left.contains(stream.receiver);
        Match match = match(stream, expected, delivered == null ? List.of() : delivered, mayEnd);
        if (delivered != null) {
            delivered.forEach(line -> count(broadcast.delivered, line));
        }
        if (killed.contains(stream.receiver) || killed.contains(stream.sender)) {
            match.end.forEach(line -> count(broadcast.excused, line));
            if (receiver.late() && delivered == null) {
                broadcast.lines.forEach(line -> count(broadcast.excused, line));
            }
        }
        // They were counted as sent to all; what policies dropped and lies took is not lost with a death.
        match.holes.forEach(line -> {
            count(broadcast.delivered, line);
            count(broadcast.holes, line);
        });
        all = all.plus(new Balance(0, -match.holes.size(), 0, 0, 0, 0, 0, 0, match.bytes));
    }

    private static void count(int[] counts, Line line) {
        int number = (int) line.sequence();
        if (number < counts.length) {
            counts[number]++;
        }
    }
}
