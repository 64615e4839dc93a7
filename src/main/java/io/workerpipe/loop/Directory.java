package io.workerpipe.loop;

import io.workerpipe.roster.Entry;
import io.workerpipe.roster.Roster;
import io.workerpipe.roster.State;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/** The group at one epoch of its roster. Immutable; any thread. */
final class Directory {
    final long epoch;
    /** The roster cannot be read any more: it stays as it was, but for those who leave or end. */
    final boolean frozen;
    private final Peer[] bySlot;
    private final List<Peer> live;
    private final List<Entry> liveEntries;
    /** Open addressing by pid, at most half full. */
    private final Peer[] byPid;

    Directory(long epoch, Peer[] bySlot) {
        this(epoch, bySlot, false);
    }

    private Directory(long epoch, Peer[] bySlot, boolean frozen) {
        this.epoch = epoch;
        this.frozen = frozen;
        this.bySlot = bySlot;
        this.live = all().filter(peer -> peer.entry.state() == State.LIVE).toList();
        this.liveEntries = live.stream().map(peer -> peer.entry).toList();
        byPid = new Peer[Integer.highestOneBit(Math.max(1, live.size())) << 2];
        for (Peer peer : live) {
            int place = place(peer.pid);
            while (byPid[place] != null) {
                place = place + 1 & byPid.length - 1;
            }
            byPid[place] = peer;
        }
    }

    static Directory empty() {
        return new Directory(-1, new Peer[Roster.SLOTS]);
    }

    Directory freeze() {
        return new Directory(epoch, bySlot, true);
    }

    /** Without the one who holds a slot. */
    Directory without(int slot) {
        Peer[] left = bySlot.clone();
        left[slot] = null;
        return new Directory(epoch, left, frozen);
    }

    /** The live worker of this process, or null. */
    Peer live(int pid) {
        for (int place = place(pid);; place = place + 1 & byPid.length - 1) {
            Peer peer = byPid[place];
            if (peer == null || peer.pid == pid) {
                return peer;
            }
        }
    }

    /** Who holds this slot, live or on its way out, or null. */
    Peer at(int slot) {
        return slot < bySlot.length ? bySlot[slot] : null;
    }

    /** The same if it is this process, and this incarnation unless that is 0; else null. */
    Peer at(int pid, int slot, long incarnation) {
        Peer peer = at(slot);
        return peer != null && peer.pid == pid && (incarnation == 0 || peer.incarnation == incarnation) ? peer : null;
    }

    /** All live workers, in the order of their slots. */
    List<Peer> live() {
        return live;
    }

    /** The same, as the roster showed them. */
    List<Entry> liveEntries() {
        return liveEntries;
    }

    /** Whoever holds a slot, live or on its way out. */
    Stream<Peer> all() {
        return Arrays.stream(bySlot).filter(Objects::nonNull);
    }

    private int place(int pid) {
        return pid * 0x9E3779B1 >>> 16 & byPid.length - 1;
    }
}
