package io.workerpipe.loop;

/**
 * How whole pages go into pipes. Tests that force a branch say it; what is null is found out on this machine.
 *
 * @param writes  whether many pages go into one write; null: what {@link PageWrites#checked} finds
 * @param splices whether pages go into pipes by reference; null: where it is allowed and a measurement says that it pays
 */
public record FastPath(PageWrites writes, PageSplices splices) {
    /** Nothing is forced. */
    public static final FastPath FOUND_OUT = new FastPath(null, null);
}
