package io.workerpipe.roster;

/** The counters of a worker, each with its place in the slot. One cache line has one kind of writer. */
public enum Counter {
    /** 1 while the worker's reader thread does not sleep; written by it. */
    AWAKE(RosterLayout.AWAKE_AT),
    /** Whole alerts that came, discarded and failed ones included; written by the reader thread. */
    ALERTS_IN(RosterLayout.READER_AT),
    /** Bytes read from the inbox, headers included; written by the reader thread. */
    BYTES_IN(RosterLayout.READER_AT + 8),
    /** Alerts for which there was no handler, or that were thrown away on leaving; written by the reader thread. */
    DISCARDED(RosterLayout.READER_AT + 16),
    /** Alerts whose handler threw; written by the reader thread. */
    FAILED_HANDLERS(RosterLayout.READER_AT + 24),
    /** Bytes of the inbox that belonged to no alert; written by the reader thread. */
    SKIPPED_BYTES(RosterLayout.READER_AT + 32),
    /** Alerts of which only a part came; written by the reader thread. */
    DROPPED_OPEN(RosterLayout.READER_AT + 40),
    /** When the last alert came, milliseconds since 1970, 0 for never; written by the reader thread. */
    LAST_ALERT_IN(RosterLayout.READER_AT + 48),

    /** Alerts written to pipes, whole; written by whoever sends or flushes. */
    ALERTS_OUT(RosterLayout.SENDERS_AT),
    /** Bytes written to pipes, headers included; written by whoever sends or flushes. */
    BYTES_OUT(RosterLayout.SENDERS_AT + 8),
    /** Alerts refused because an outbox was full; written by whoever sends. */
    REFUSED(RosterLayout.SENDERS_AT + 16),
    /** Alerts dropped by a policy that drops; written by whoever sends. */
    DROPPED(RosterLayout.SENDERS_AT + 24),

    /** Alerts accepted, but not written when their receiver went; written by the writer thread. */
    LOST_WITH_PEER(RosterLayout.WRITER_AT),
    /** Bytes that wait in outboxes: a level, not a sum; written by the writer thread. */
    QUEUED_BYTES(RosterLayout.WRITER_AT + 8),
    /** The process for which most of them wait, 0 if none do; written with them, so it may be of the turn before. */
    FULLEST_RECEIVER(RosterLayout.WRITER_AT + 16),
    /** Bytes that wait for that process: a level, not a sum; written with it. */
    FULLEST_BYTES(RosterLayout.WRITER_AT + 24);

    private final long at;

    Counter(long at) {
        this.at = at;
    }

    long at() {
        return at;
    }
}
