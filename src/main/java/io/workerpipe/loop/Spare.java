package io.workerpipe.loop;

/** Memory that is kept although nothing is in it, since what comes next would have to fetch it from the system again. */
interface Spare {
    /**
     * Every few seconds, by the writer thread: gives back what was not needed since the call before.
     *
     * @return whether there is more to give back, soon: one call does a little of it, since alerts wait meanwhile
     */
    boolean giveBack();
}
