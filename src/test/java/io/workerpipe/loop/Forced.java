package io.workerpipe.loop;

/** What a test decides instead of the machine: how whole pages go into pipes. */
public final class Forced {
    private final PageWrites writes;
    private final PageSplices splices;

    /**
     * @param many    whether many pages go into one write
     * @param splices whether pages go by reference, whatever a measurement would say
     */
    public Forced(boolean many, boolean splices) {
        this.writes = new PageWrites(many);
        this.splices = splices ? PageSplices.forced() : new PageSplices(false);
    }

    /** For joining. */
    public FastPath path() {
        return new FastPath(writes, splices);
    }

    /** As if a pipe had taken a part of a page. */
    public void tear() {
        writes.check(8192, 5000);
    }

    /** How often pages went by reference. */
    public long splices() {
        return splices.calls();
    }
}
