package io.workerpipe.loop;

import io.workerpipe.linux.Fd;
import io.workerpipe.roster.Counters;
import io.workerpipe.roster.Entry;

/** A worker as this process sees it: its place in the roster, and what we hold for it once something was sent. */
final class Peer {
    final int pid;
    final long incarnation;
    /** As the roster showed it last; always the same incarnation. */
    volatile Entry entry;
    final Counters counters;
    /** Null until the first alert to it. */
    volatile Outbox outbox;
    /** Readable when its process has ended; null for ourselves, and where it could not be opened. Guarded by {@link Peers}. */
    Fd pidFd;

    Peer(Entry entry, Counters counters) {
        this.pid = entry.pid();
        this.incarnation = entry.incarnation();
        this.entry = entry;
        this.counters = counters;
    }
}
