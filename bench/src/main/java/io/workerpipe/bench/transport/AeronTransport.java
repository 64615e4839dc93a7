package io.workerpipe.bench.transport;

import io.aeron.Aeron;
import io.aeron.ExclusivePublication;
import io.aeron.FragmentAssembler;
import io.aeron.Publication;
import io.aeron.Subscription;
import io.aeron.logbuffer.BufferClaim;
import io.aeron.logbuffer.FragmentHandler;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import org.agrona.concurrent.IdleStrategy;
import org.agrona.concurrent.UnsafeBuffer;

/** Aeron over its IPC channel: a receiver reads a stream. The media driver runs in a process of its own. */
final class AeronTransport implements Transport {
    private static final int FRAGMENTS = 256;
    /** Aeron tells where its data lies by address. */
    @SuppressWarnings("restricted")
    private static final MemorySegment ALL_MEMORY = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);

    private final Seat seat;
    private final AeronVariant variant;
    private final Aeron aeron;
    private final ReceivingThread receiver;

    AeronTransport(Seat seat, Sink sink) {
        this.seat = seat;
        variant = AeronVariant.parse(seat.variant());
        aeron = Aeron.connect(new Aeron.Context().aeronDirectoryName(folder(seat.folder()).toString()));
        if (sink == null) {
            receiver = null;
        } else {
            // Before anybody sends.
            Subscription subscription = aeron.addSubscription(variant.channel(), stream(seat.index()));
            receiver = new ReceivingThread(() -> poll(subscription, handler(sink)));
            receiver.start();
        }
    }

    static Path folder(Path run) {
        return run.resolve("aeron");
    }

    /** Where several receivers get the same from a sender, they read one stream: that is what Aeron is good at. */
    private int stream(int receiver) {
        return seat.senders() > 0 ? 1000 : 1000 + receiver;
    }

    private FragmentHandler handler(Sink sink) {
        FragmentHandler handler = (buffer, offset, length, header) -> sink.alert(ALL_MEMORY,
                buffer.addressOffset() + offset, length);
        return AeronVariant.isOneFrame(seat.bytes())
                ? handler
                : new FragmentAssembler(handler, Math.toIntExact(seat.bytes()), true);
    }

    private void poll(Subscription subscription, FragmentHandler handler) {
        IdleStrategy idle = variant.idle().strategy();
        while (!receiver.isClosing()) {
            idle.idle(subscription.poll(handler, FRAGMENTS));
        }
    }

    @Override
    public Link link(int firstReceiver, int count) {
        int stream = stream(firstReceiver);
        return switch (variant.publication()) {
            case EXCLUSIVE -> {
                ExclusivePublication publication = aeron.addExclusivePublication(variant.channel(), stream);
                yield variant.method() == AeronVariant.Method.OFFER
                        ? new ExclusiveOffer(publication)
                        : new ExclusiveClaim(publication);
            }
            case CONCURRENT -> {
                Publication publication = aeron.addPublication(variant.channel(), stream);
                yield variant.method() == AeronVariant.Method.OFFER
                        ? new ConcurrentOffer(publication)
                        : new ConcurrentClaim(publication);
            }
        };
    }

    @Override
    public void close() {
        if (receiver != null) {
            receiver.closing();
            receiver.awaitEnd();
        }
        aeron.close();
    }

    /** Each kind of publication and method in a class of its own, so that the compiler sees one at a time. */
    private abstract class AeronLink implements Link {
        final IdleStrategy idle = variant.idle().strategy();

        /** What a publication said that took nothing. */
        final void refused(long result) {
            if (result == Publication.CLOSED || result == Publication.MAX_POSITION_EXCEEDED) {
                throw new IllegalStateException("Aeron says " + Publication.errorString(result));
            }
            idle.idle(0);
        }

        @Override
        public void push() {}

        /** What is in the log has left this process. */
        @Override
        public void flush() {}
    }

    private final class ExclusiveOffer extends AeronLink {
        private final ExclusivePublication publication;
        private final UnsafeBuffer buffer = new UnsafeBuffer(0, 0);

        ExclusiveOffer(ExclusivePublication publication) {
            this.publication = publication;
        }

        @Override
        public void send(MemorySegment data) {
            buffer.wrap(data.address(), (int) data.byteSize());
            long result;
            while ((result = publication.offer(buffer, 0, buffer.capacity())) < 0) {
                refused(result);
            }
        }
    }

    private final class ConcurrentOffer extends AeronLink {
        private final Publication publication;
        private final UnsafeBuffer buffer = new UnsafeBuffer(0, 0);

        ConcurrentOffer(Publication publication) {
            this.publication = publication;
        }

        @Override
        public void send(MemorySegment data) {
            buffer.wrap(data.address(), (int) data.byteSize());
            long result;
            while ((result = publication.offer(buffer, 0, buffer.capacity())) < 0) {
                refused(result);
            }
        }
    }

    private final class ExclusiveClaim extends AeronLink {
        private final ExclusivePublication publication;
        private final UnsafeBuffer buffer = new UnsafeBuffer(0, 0);
        private final BufferClaim claim = new BufferClaim();

        ExclusiveClaim(ExclusivePublication publication) {
            this.publication = publication;
        }

        @Override
        public void send(MemorySegment data) {
            int length = (int) data.byteSize();
            long result;
            while ((result = publication.tryClaim(length, claim)) < 0) {
                refused(result);
            }
            buffer.wrap(data.address(), length);
            claim.buffer().putBytes(claim.offset(), buffer, 0, length);
            claim.commit();
        }
    }

    private final class ConcurrentClaim extends AeronLink {
        private final Publication publication;
        private final UnsafeBuffer buffer = new UnsafeBuffer(0, 0);
        private final BufferClaim claim = new BufferClaim();

        ConcurrentClaim(Publication publication) {
            this.publication = publication;
        }

        @Override
        public void send(MemorySegment data) {
            int length = (int) data.byteSize();
            long result;
            while ((result = publication.tryClaim(length, claim)) < 0) {
                refused(result);
            }
            buffer.wrap(data.address(), length);
            claim.buffer().putBytes(claim.offset(), buffer, 0, length);
            claim.commit();
        }
    }
}
