package io.workerpipe.bench.performer;

import io.workerpipe.bench.transport.Link;
import io.workerpipe.bench.transport.Seat;
import io.workerpipe.bench.transport.Sink;
import io.workerpipe.bench.transport.Transport;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;

/** Sends back what it gets, on the receiving thread. */
final class Echo implements Role, Sink {
    private final AtomicLong received = new AtomicLong();
    private final Transport transport;
    private final CompletableFuture<Link> opened = new CompletableFuture<>();
    private volatile long thread;
    /** Used by the receiving thread only. */
    private Link link;

    Echo(String system, Seat seat) throws Exception {
        transport = Transport.open(system, seat, this);
        opened.complete(transport.link(1 - seat.index()));
    }

    @Override
    public void alert(MemorySegment memory, long offset, long length) {
        if (link == null) {
            // The first one may come while this one's link is still being opened.
            link = opened.join();
            thread = Thread.currentThread().threadId();
        }
        link.send(offset == 0 && memory.byteSize() == length ? memory : memory.asSlice(offset, length));
        link.push();
        received.setRelease(received.getPlain() + 1);
    }

    @Override
    public Look look() {
        return new Look(System.nanoTime(), received.getAcquire(), 0, Allocation.of(thread));
    }

    @Override
    public void close() throws IOException {
        transport.close();
    }
}
