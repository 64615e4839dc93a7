package io.workerpipe.cli;

import io.workerpipe.Ipc;

/** How far a long sending is: a bar on standard error, if that is a terminal. Used by one thread. */
final class Progress implements AutoCloseable {
    private static final long SHOWN_FROM = 16 << 20;
    private static final int WIDTH = 40;

    private final Ipc ipc;
    private final long total;
    private final boolean shown;
    private long written;
    private long movedAt = System.nanoTime();

    private Progress(Ipc ipc, long total, boolean shown) {
        this.ipc = ipc;
        this.total = total;
        this.shown = shown;
    }

    static Progress of(Ipc ipc, long total) {
        return new Progress(ipc, total, total >= SHOWN_FROM && Terminal.isError());
    }

    /** Looks how much has been written by now. */
    void show() {
        long now = ipc.statistics().bytesOut();
        if (now != written) {
            written = now;
            movedAt = System.nanoTime();
        }
        if (shown) {
            draw();
        }
    }

    private void draw() {
        // Headers make it a little more than the data.
        int done = (int) Math.min(WIDTH, written * WIDTH / total);
        System.err.printf("\r[%s%s] %d of %d MiB ", "#".repeat(done), " ".repeat(WIDTH - done),
                Math.min(written, total) >> 20, total >> 20);
    }

    long nanosWithoutMove() {
        return System.nanoTime() - movedAt;
    }

    @Override
    public void close() {
        if (shown) {
            System.err.print("\r" + " ".repeat(WIDTH + 40) + "\r");
        }
    }
}
