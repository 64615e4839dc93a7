package io.workerpipe.cli;

/** A number with its noun. */
final class Quantity {
    private Quantity() {}

    static String bytes(long count) {
        return of(count, "byte");
    }

    static String alerts(long count) {
        return of(count, "alert");
    }

    static String workers(long count) {
        return of(count, "worker");
    }

    private static String of(long count, String noun) {
        return count + " " + noun + (count == 1 ? "" : "s");
    }
}
