package io.workerpipe.loop;

import io.workerpipe.linux.Memory;
import io.workerpipe.wire.Packet;
import java.util.ArrayDeque;

/**
 * The chunks of one outbox whose pages a pipe holds by reference. Used with the right to flush only.
 *
 * <p>A pipe has one slot for each such page, and gives the slots out in order: a page has been read when the pipe has
 * taken as many further whole pages as it has slots. Until then its memory must not be written to. When nothing more
 * comes, the memory is given back to the system instead: the pipe keeps the pages as they are, and the chunk gets new
 * ones when it is touched again.
 */
final class SplicedChunks {
    private final PagePool pool;
    private final int slots;
    private final ArrayDeque<Chunk> waiting = new ArrayDeque<>();
    /** Whole pages that the pipe has taken from us, by reference or not. */
    private long taken;

    /** @param pipeBytes what the pipe holds */
    SplicedChunks(PagePool pool, int pipeBytes) {
        this.pool = pool;
        this.slots = pipeBytes / Packet.PAGE;
    }

    /** The pipe has taken whole pages. */
    void took(int pages) {
        taken += pages;
    }

    /** Of the pages taken last, some are this chunk's, and in the pipe by reference. */
    void spliced(Chunk chunk) {
        chunk.splicedAt = taken;
    }

    /** All of a chunk has left the outbox. */
    void release(Chunk chunk) {
        while (!waiting.isEmpty() && taken - waiting.peekFirst().splicedAt >= slots) {
            give(waiting.pollFirst());
        }
        if (chunk.splicedAt == 0) {
            pool.give(chunk);
        } else {
            waiting.addLast(chunk);
        }
    }

    /** Nothing more comes for a while: an idle outbox holds no memory. */
    void releaseAll() {
        for (Chunk chunk = waiting.pollFirst(); chunk != null; chunk = waiting.pollFirst()) {
            if (!Memory.discard(chunk.memory, 0, Chunk.BYTES)) {
                // Locked in memory (mlockall): then it waits for its turn.
                waiting.addFirst(chunk);
                return;
            }
            give(chunk);
        }
    }

    private void give(Chunk chunk) {
        chunk.splicedAt = 0;
        pool.give(chunk);
    }
}
