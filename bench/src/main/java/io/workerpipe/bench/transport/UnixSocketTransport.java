package io.workerpipe.bench.transport;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.SocketException;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;

/**
 * The JDK's Unix domain sockets. Each link is a connection of its own, so no thread waits for another; a frame is its length
 * and the data. A batch is written when it is full, or every frame by itself.
 */
final class UnixSocketTransport implements Transport {
    static final int BATCH_BYTES = 128 << 10;
    private static final int READ_BYTES = 256 << 10;
    private static final int SOCKET_BYTES = 512 << 10;
    private static final long LIMIT_MILLIS = 60_000;
    private static final int LENGTH = Integer.BYTES;
    private static final ValueLayout.OfInt FRAME_LENGTH = ValueLayout.JAVA_INT_UNALIGNED
            .withOrder(ByteOrder.LITTLE_ENDIAN);

    private final Seat seat;
    private final int batchBytes;
    private final ServerSocketChannel server;
    private final ReceivingThread receiver;

    /** @param batchBytes 0: each frame by itself */
    UnixSocketTransport(Seat seat, Sink sink, int batchBytes) throws IOException {
        this.seat = seat;
        this.batchBytes = batchBytes;
        if (sink == null) {
            server = null;
            receiver = null;
        } else {
            server = ServerSocketChannel.open(StandardProtocolFamily.UNIX).bind(address(seat.index()), 1024);
            receiver = new ReceivingThread(() -> {
                if (seat.linksToReceiver() == 1) {
                    receiveFromOne(sink);
                } else {
                    receiveFromMany(sink);
                }
            });
            receiver.start();
        }
    }

    private UnixDomainSocketAddress address(int index) {
        return UnixDomainSocketAddress.of(seat.folder().resolve(index + ".socket"));
    }

    private void receiveFromOne(Sink sink) throws IOException {
        try (SocketChannel channel = server.accept()) {
            channel.configureBlocking(seat.waiting() != Waiting.SPIN);
            Frames frames = new Frames(channel, sink);
            int got;
            while ((got = frames.read()) >= 0) {
                if (got == 0) {
                    Thread.onSpinWait();
                }
            }
        }
    }

    private void receiveFromMany(Sink sink) throws IOException {
        try (Selector selector = Selector.open()) {
            for (int i = 0; i < seat.linksToReceiver(); i++) {
                SocketChannel channel = server.accept();
                channel.configureBlocking(false);
                channel.register(selector, SelectionKey.OP_READ, new Frames(channel, sink));
            }
            while (!selector.keys().isEmpty()) {
                selector.select(key -> {
                    try {
                        if (((Frames) key.attachment()).read() < 0) {
                            key.channel().close();
                        }
                    } catch (IOException e) {
                        throw new java.io.UncheckedIOException(e);
                    }
                });
            }
        }
    }

    @Override
    public Link link(int firstReceiver, int count) throws IOException, InterruptedException {
        List<SocketChannel> channels = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            channels.add(connect(address(firstReceiver + i)));
        }
        return new SocketLink(channels);
    }

    private static SocketChannel connect(UnixDomainSocketAddress address) throws IOException, InterruptedException {
        long end = System.nanoTime() + LIMIT_MILLIS * 1_000_000;
        for (;;) {
            SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
            try {
                channel.setOption(StandardSocketOptions.SO_SNDBUF, SOCKET_BYTES);
                channel.connect(address);
                return channel;
            } catch (SocketException e) {
                channel.close();
                if (System.nanoTime() > end) {
                    throw e;
                }
                Thread.sleep(5);
            }
        }
    }

    @Override
    public void close() throws IOException {
        if (server != null) {
            receiver.closing();
            server.close();
            Files.deleteIfExists(address(seat.index()).getPath());
        }
    }

    /** What one connection brings, taken apart in place. */
    private final class Frames {
        /** With less room than this the rest is moved to the front. */
        private static final int ENOUGH = 64 << 10;
        /** A rest so small is moved in any case: the memory stays in the cache. */
        private static final int SMALL = 4 << 10;

        private final SocketChannel channel;
        private final Sink sink;
        private final ByteBuffer buffer;
        private final MemorySegment memory;
        /** Where the first frame begins that is not whole yet. */
        private int start;

        Frames(SocketChannel channel, Sink sink) {
            this.channel = channel;
            this.sink = sink;
            buffer = ByteBuffer
                    .allocateDirect(Math.max(READ_BYTES, 2 * (LENGTH + Math.toIntExact(seat.bytes())) + ENOUGH));
            memory = MemorySegment.ofBuffer(buffer);
        }

        /** One read; -1 at the end. */
        int read() throws IOException {
            int got = channel.read(buffer);
            if (got <= 0) {
                return got;
            }
            int end = buffer.position();
            int at = start;
            while (end - at >= LENGTH) {
                int length = memory.get(FRAME_LENGTH, at);
                if (end - at - LENGTH < length) {
                    break;
                }
                sink.alert(memory, at + LENGTH, length);
                at += LENGTH + length;
            }
            int rest = end - at;
            if (rest <= SMALL || buffer.capacity() - end < ENOUGH) {
                MemorySegment.copy(memory, at, memory, 0, rest);
                at = 0;
                buffer.position(rest);
            }
            start = at;
            return got;
        }
    }

    private final class SocketLink implements Link {
        private final List<SocketChannel> channels;
        private final ByteBuffer batch;
        private final MemorySegment memory;
        private int filled;

        SocketLink(List<SocketChannel> channels) {
            this.channels = channels;
            int frame = LENGTH + Math.toIntExact(seat.bytes());
            batch = ByteBuffer.allocateDirect(frame > batchBytes ? Math.max(frame, LENGTH) : batchBytes);
            memory = MemorySegment.ofBuffer(batch);
        }

        @Override
        public void send(MemorySegment data) {
            int length = (int) data.byteSize();
            if (length > BATCH_BYTES) {
                sendLong(data, length);
                return;
            }
            if (LENGTH + length > memory.byteSize() - filled) {
                push();
            }
            memory.set(FRAME_LENGTH, filled, length);
            MemorySegment.copy(data, 0, memory, filled + LENGTH, length);
            filled += LENGTH + length;
            if (batchBytes == 0) {
                push();
            }
        }

        /** What is longer than a batch is not copied into one. */
        private void sendLong(MemorySegment data, int length) {
            push();
            memory.set(FRAME_LENGTH, 0, length);
            batch.clear();
            ByteBuffer body = data.asByteBuffer();
            try {
                for (SocketChannel channel : channels) {
                    ByteBuffer[] both = {batch.slice(0, LENGTH), body.duplicate()};
                    while (both[1].hasRemaining()) {
                        channel.write(both);
                    }
                }
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
        }

        @Override
        public void push() {
            try {
                for (SocketChannel channel : channels) {
                    batch.limit(filled).position(0);
                    while (batch.hasRemaining()) {
                        channel.write(batch);
                    }
                }
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
            filled = 0;
        }

        /** The sockets stay open until the process ends: what is in them is still to be read. */
        @Override
        public void flush() {
            push();
        }
    }
}
