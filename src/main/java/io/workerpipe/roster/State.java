package io.workerpipe.roster;

/** What a slot is in. The order is the number in the file: never change it. */
public enum State {
    /** Nobody's. */
    FREE,
    /** Somebody's whose inbox is not there yet. */
    JOINING,
    /** A worker that receives. */
    LIVE,
    /** A worker that reads on until its senders have stopped, and gets nothing new. */
    LEAVING,
    /** A process that only sends: not listed, no broadcasts, no events. */
    GUEST;

    private static final State[] ALL = values();

    /** The state of a number in the file, null for a number that no version of ours has written. */
    static State of(int number) {
        return number >= 0 && number < ALL.length ? ALL[number] : null;
    }
}
