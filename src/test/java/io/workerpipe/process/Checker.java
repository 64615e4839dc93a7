package io.workerpipe.process;

import io.workerpipe.process.Journal.Book;
import io.workerpipe.process.Journal.Kind;
import io.workerpipe.process.Journal.Line;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Makes the balance of what members wrote down: what was attempted has been delivered, refused, or was lost with a process
 * that was killed. Nothing comes twice, in another order, or changed.
 */
final class Checker {
    /** What became of all alerts; {@code lost} and {@code unknown} (being sent when the sender died) need a death. */
    record Balance(long attempted, long delivered, long refused, long gone, long lost, long unknown) {
        Balance plus(Balance other) {
            return new Balance(attempted + other.attempted, delivered + other.delivered, refused + other.refused,
                    gone + other.gone, lost + other.lost, unknown + other.unknown);
        }
    }

    /** Alerts that are in order: of one thread of a sender, to one receiver or to all. */
    private record Stream(long sender, boolean broadcast, long thread) {}

    private final List<Book> books;
    private final Set<Long> killed;
    private final Set<Long> left;
    private final List<String> faults = new ArrayList<>();

    private Checker(List<Book> books, Set<Long> killedPids, Set<Long> leftPids) {
        this.books = books;
        this.killed = incarnations(books, killedPids);
        this.left = incarnations(books, leftPids);
    }

    private static Set<Long> incarnations(List<Book> books, Set<Long> pids) {
        return books.stream().filter(book -> pids.contains(book.pid())).map(Book::incarnation)
                .collect(Collectors.toSet());
    }

    /** The balance, or an AssertionError that lists what is wrong. */
    static Balance check(List<Book> books, Set<Long> killedPids) {
        return check(books, killedPids, Set.of());
    }

    /** @param leftPids those that left while others were sending: they may find them gone, and that is all */
    static Balance check(List<Book> books, Set<Long> killedPids, Set<Long> leftPids) {
        Checker checker = new Checker(books, killedPids, leftPids);
        Balance all = checker.check();
        if (!checker.faults.isEmpty()) {
            throw new AssertionError(checker.faults.size() + " faults, " + all + ":\n"
                    + String.join("\n", checker.faults.subList(0, Math.min(20, checker.faults.size()))));
        }
        return all;
    }

    private Balance check() {
        Balance all = new Balance(0, 0, 0, 0, 0, 0);
        Set<Long> known = new HashSet<>();
        books.forEach(book -> known.add(book.incarnation()));
        for (Book receiver : books) {
            Map<Stream, List<Long>> delivered = new HashMap<>();
            for (Line line : receiver.lines()) {
                if (line.kind() == Kind.BROKEN) {
                    faults.add(receiver.incarnation() + " got a broken alert of " + line.length() + " bytes");
                } else if (line.kind() == Kind.RECEIVED) {
                    delivered.computeIfAbsent(new Stream(line.peer(), line.broadcast(), line.sequence() >>> 32),
                            stream -> new ArrayList<>()).add(line.sequence());
                    if (!known.contains(line.peer())) {
                        faults.add(receiver.incarnation() + " got an alert of nobody, " + line.peer());
                    }
                }
            }
            for (Book sender : books) {
                Map<Stream, List<Line>> sent = new HashMap<>();
                for (Line line : sender.lines()) {
                    if (line.kind() != Kind.RECEIVED && line.kind() != Kind.BROKEN
                            && line.peer() == (line.broadcast() ? Payload.ALL : receiver.incarnation())) {
                        sent.computeIfAbsent(
                                new Stream(sender.incarnation(), line.broadcast(), line.sequence() >>> 32),
                                stream -> new ArrayList<>()).add(line);
                    }
                }
                for (Map.Entry<Stream, List<Line>> entry : sent.entrySet()) {
                    List<Long> got = delivered.remove(entry.getKey());
                    all = all.plus(balance(entry.getKey(), receiver, entry.getValue(), got == null ? List.of() : got));
                }
            }
            delivered.forEach((stream, got) -> faults
                    .add(receiver.incarnation() + " got what was never sent: " + stream + ", " + got));
        }
        return all;
    }

    /** One thread's alerts to one receiver, or to all. */
    private Balance balance(Stream stream, Book receiver, List<Line> lines, List<Long> delivered) {
        String pair = stream + " -> " + receiver.incarnation() + ": ";
        boolean senderKilled = killed.contains(stream.sender);
        boolean receiverKilled = killed.contains(receiver.incarnation());
        long attempted = 0;
        long refused = 0;
        long gone = 0;
        long unknown = 0;
        List<Long> sent = new ArrayList<>();
        for (Line line : lines) {
            switch (line.kind()) {
                case ACCEPTED -> {
                    sent.add(line.sequence());
                    if (gone != 0) {
                        faults.add(pair + "accepted " + line.sequence() + " after the receiver was gone");
                    }
                }
                case REFUSED -> refused++;
                case GONE -> gone++;
                case ATTEMPTED -> {
                    // It may have been accepted; the journal does not know.
                    unknown++;
                    sent.add(line.sequence());
                }
                default -> {
                    continue;
                }
            }
            if (line.sequence() != (stream.thread << 32 | attempted)) {
                faults.add(pair + "the journal misses " + attempted);
            }
            attempted++;
        }
        if (unknown > (senderKilled ? 1 : 0)) {
            faults.add(pair + unknown + " sends have not returned");
        }
        if (gone != 0 && !receiverKilled && !left.contains(receiver.incarnation())) {
            faults.add(pair + gone + " times the receiver was gone, but nobody killed it");
        }
        int first = 0;
        while (first < Math.min(sent.size(), delivered.size()) && sent.get(first).equals(delivered.get(first))) {
            first++;
        }
        if (first < delivered.size()) {
            faults.add(pair + "got " + delivered.get(first) + " where "
                    + (first < sent.size() ? sent.get(first) : "nothing") + " was to come, after " + first);
        }
        long missing = sent.size() - delivered.size();
        if (missing > 0 && !senderKilled && !receiverKilled) {
            faults.add(pair + missing + " of " + sent.size() + " did not arrive");
        }
        // What was being sent when the sender died counts as unknown only if it did not arrive.
        unknown = Math.min(unknown, Math.max(0, missing));
        return new Balance(attempted, delivered.size(), refused, gone, missing - unknown, unknown);
    }
}
