package io.workerpipe.bench.transport;

import java.io.File;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import net.openhft.chronicle.bytes.Bytes;
import net.openhft.chronicle.bytes.PointerBytesStore;
import net.openhft.chronicle.queue.ExcerptAppender;
import net.openhft.chronicle.queue.ExcerptTailer;
import net.openhft.chronicle.queue.impl.StoreFileListener;
import net.openhft.chronicle.queue.impl.single.SingleChronicleQueue;
import net.openhft.chronicle.queue.impl.single.SingleChronicleQueueBuilder;
import net.openhft.chronicle.queue.rollcycles.TestRollCycles;
import net.openhft.chronicle.wire.DocumentContext;

/**
 * Chronicle Queue: a receiver tails a queue of files, which lie in memory if the run's folder does. It keeps all that was
 * ever sent, and no sender waits for a receiver: so the files roll each second, and the receiver deletes those that it has
 * read.
 */
final class ChronicleTransport implements Transport {
    /** Chronicle tells where its data lies by address. */
    @SuppressWarnings("restricted")
    private static final MemorySegment ALL_MEMORY = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);
    private static final long BLOCK_BYTES = 16 << 20;
    /** With less room than this the machine would be in danger. */
    private static final long LEAST_ROOM = 2L << 30;

    private final Seat seat;
    private final ReceivingThread receiver;

    ChronicleTransport(Seat seat, Sink sink) {
        this.seat = seat;
        if (sink == null) {
            receiver = null;
        } else {
            // Opened here: from this moment on it is there to be appended to.
            SingleChronicleQueue queue = open(folder(seat.index()), this::delete);
            receiver = new ReceivingThread(() -> {
                try (queue) {
                    tail(queue, sink);
                }
            });
            receiver.start();
        }
    }

    private Path folder(int receiverIndex) {
        return seat.folder().resolve("queue-" + receiverIndex);
    }

    private static SingleChronicleQueue open(Path folder, StoreFileListener listener) {
        return SingleChronicleQueueBuilder.binary(folder.toFile()).rollCycle(TestRollCycles.TEST_SECONDLY)
                .blockSize(BLOCK_BYTES).storeFileListener(listener).build();
    }

    private void delete(int cycle, File file) {
        try {
            Files.deleteIfExists(file.toPath());
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private void tail(SingleChronicleQueue queue, Sink sink) {
        ExcerptTailer tailer = queue.createTailer();
        while (!receiver.isClosing()) {
            try (DocumentContext document = tailer.readingDocument()) {
                if (document.isPresent()) {
                    Bytes<?> bytes = document.wire().bytes();
                    sink.alert(ALL_MEMORY, bytes.addressForRead(bytes.readPosition()), bytes.readRemaining());
                } else {
                    Thread.onSpinWait();
                }
            }
        }
    }

    @Override
    public Link link(int firstReceiver, int count) throws IOException {
        if (count > 1) {
            throw new IllegalArgumentException("one receiver's queue at a time");
        }
        Path folder = folder(firstReceiver);
        return new QueueLink(folder, open(folder, (cycle, file) -> {}));
    }

    @Override
    public void close() {
        if (receiver != null) {
            receiver.closing();
            receiver.awaitEnd();
        }
    }

    private static final class QueueLink implements Link {
        private static final int LOOK = 1 << 16;

        private final Path folder;
        private final SingleChronicleQueue queue;
        private final PointerBytesStore data = new PointerBytesStore();
        private ExcerptAppender appender;
        private int sent;

        QueueLink(Path folder, SingleChronicleQueue queue) {
            this.folder = folder;
            this.queue = queue;
        }

        @Override
        public void send(MemorySegment alert) {
            if (appender == null) {
                appender = queue.createAppender();
                // Who plays ping-pong sends the first ping from another thread than the others, and never at the same time.
                appender.singleThreadedCheckDisabled(true);
            }
            if (++sent % LOOK == 0 && folder.toFile().getUsableSpace() < LEAST_ROOM) {
                throw new IllegalStateException("the receiver is so far behind that " + folder + " is nearly full");
            }
            data.set(alert.address(), alert.byteSize());
            try (DocumentContext document = appender.writingDocument()) {
                document.wire().bytes().write(data, 0L, alert.byteSize());
            }
        }

        @Override
        public void push() {}

        @Override
        public void flush() {}
    }
}
