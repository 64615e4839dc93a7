package io.workerpipe.soak;

import io.workerpipe.process.Checker.Balance;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What has happened so far. Any thread. */
final class Tally {
    private final Map<Fault.Kind, Integer> faults = new EnumMap<>(Fault.Kind.class);
    private final List<Long> seenDeadNanos = new ArrayList<>();
    private Balance balance = Balance.ZERO;
    private int rounds;
    private int kills;
    private int missed;
    private final Map<Integer, List<Gauges>> atRest = new TreeMap<>();

    synchronized void fault(Fault.Kind kind) {
        faults.merge(kind, 1, Integer::sum);
    }

    /** A fault that did not happen, since its worker was busy with another one. */
    synchronized void missed() {
        missed++;
    }

    /** @param nanos from when the kernel had closed its descriptors until the roster showed it no more; -1: not looked at */
    synchronized void kill(long nanos) {
        kills++;
        if (nanos >= 0) {
            seenDeadNanos.add(nanos);
        }
    }

    synchronized void round(Balance of) {
        rounds++;
        balance = balance.plus(of);
    }

    /** A worker that has lived from the beginning, between two rounds. */
    synchronized void rest(int place, Gauges gauges) {
        atRest.computeIfAbsent(place, number -> new ArrayList<>()).add(gauges);
    }

    synchronized int kills() {
        return kills;
    }

    synchronized int rounds() {
        return rounds;
    }

    synchronized int missedFaults() {
        return missed;
    }

    synchronized Balance balance() {
        return balance;
    }

    synchronized Map<Fault.Kind, Integer> faults() {
        return new EnumMap<>(faults);
    }

    synchronized Map<Integer, List<Gauges>> atRest() {
        return new TreeMap<>(atRest);
    }

    /** Of all deaths, in milliseconds. */
    synchronized double seenDeadMillis(double quantile) {
        if (seenDeadNanos.isEmpty()) {
            return 0;
        }
        List<Long> sorted = seenDeadNanos.stream().sorted().toList();
        return sorted.get((int) Math.min(sorted.size() - 1L, Math.round(quantile * sorted.size()))) / 1e6;
    }
}
