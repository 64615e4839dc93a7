package io.workerpipe.bench.transport;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * Netty's native epoll transport over Unix domain sockets: one event loop a process, frames of length and data in batches
 * that the sending thread fills and the event loop writes.
 */
final class NettyTransport implements Transport {
    private static final int BATCH_BYTES = 128 << 10;
    private static final int READ_BYTES = 256 << 10;
    /** Batches that wait for the event loop, at most. */
    private static final int BATCHES = 4;
    private static final int LENGTH = Integer.BYTES;
    private static final long LIMIT_SECONDS = 60;

    private final Seat seat;
    private final EventLoopGroup loop = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());

    NettyTransport(Seat seat, Sink sink) throws InterruptedException {
        this.seat = seat;
        if (sink != null) {
            new ServerBootstrap().group(loop).channel(EpollServerDomainSocketChannel.class)
                    .childOption(ChannelOption.ALLOCATOR, PooledByteBufAllocator.DEFAULT)
                    .childOption(ChannelOption.RECVBUF_ALLOCATOR,
                            new AdaptiveRecvByteBufAllocator(4096, 64 << 10, READ_BYTES))
                    .childHandler(new ChannelInitializer<Channel>() {
                        @Override
                        protected void initChannel(Channel channel) {
                            channel.pipeline().addLast(new Frames(sink));
                        }
                    }).bind(address(seat.index())).sync();
        }
    }

    private DomainSocketAddress address(int index) {
        return new DomainSocketAddress(seat.folder().resolve(index + ".socket").toFile());
    }

    @Override
    public Link link(int firstReceiver, int count) throws Exception {
        List<Channel> channels = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            channels.add(connect(address(firstReceiver + i)));
        }
        return new NettyLink(channels);
    }

    private Channel connect(DomainSocketAddress address) throws Exception {
        Bootstrap bootstrap = new Bootstrap().group(loop).channel(EpollDomainSocketChannel.class)
                .option(ChannelOption.ALLOCATOR, PooledByteBufAllocator.DEFAULT)
                .handler(new ChannelInboundHandlerAdapter());
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(LIMIT_SECONDS);
        while (!Files.exists(java.nio.file.Path.of(address.path()))) {
            if (System.nanoTime() > end) {
                throw new IOException("nobody listens at " + address.path());
            }
            Thread.sleep(5);
        }
        return bootstrap.connect(address).sync().channel();
    }

    @Override
    public void close() {
        loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
    }

    /** What one connection brings. Used by the event loop only. */
    private static final class Frames extends ChannelInboundHandlerAdapter {
        private final Sink sink;
        /** The beginning of a frame that is not whole yet. */
        private ByteBuf rest;

        Frames(Sink sink) {
            this.sink = sink;
        }

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            ByteBuf read = (ByteBuf) message;
            if (rest != null) {
                rest.writeBytes(read);
                read.release();
                read = rest;
                rest = null;
            }
            MemorySegment memory = MemorySegment.ofBuffer(read.nioBuffer(0, read.writerIndex()));
            while (read.readableBytes() >= LENGTH) {
                int at = read.readerIndex();
                int length = read.getIntLE(at);
                if (read.readableBytes() - LENGTH < length) {
                    break;
                }
                sink.alert(memory, at + LENGTH, length);
                read.readerIndex(at + LENGTH + length);
            }
            if (read.isReadable() && read.readerIndex() == 0 && read.isWritable()) {
                // Still less than one frame, with room for more.
                rest = read;
                return;
            }
            if (read.isReadable()) {
                rest = context.alloc().directBuffer(Math.max(READ_BYTES, 2 * read.readableBytes()));
                rest.writeBytes(read);
            }
            read.release();
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            cause.printStackTrace();
            Runtime.getRuntime().halt(1);
        }
    }

    private final class NettyLink implements Link {
        private final List<Channel> channels;
        private final Semaphore room = new Semaphore(BATCHES);
        private final int capacity = Math.max(BATCH_BYTES, LENGTH + Math.toIntExact(seat.bytes()));
        private ByteBuf batch;
        private MemorySegment memory;

        NettyLink(List<Channel> channels) {
            this.channels = channels;
        }

        @Override
        public void send(MemorySegment data) {
            int length = (int) data.byteSize();
            if (batch != null && batch.writableBytes() < LENGTH + length) {
                push();
            }
            if (batch == null) {
                batch = PooledByteBufAllocator.DEFAULT.directBuffer(capacity, capacity);
                memory = MemorySegment.ofBuffer(batch.nioBuffer(0, capacity));
            }
            batch.writeIntLE(length);
            int at = batch.writerIndex();
            MemorySegment.copy(data, 0, memory, at, length);
            batch.writerIndex(at + length);
        }

        @Override
        public void push() {
            if (batch == null) {
                return;
            }
            ByteBuf full = batch;
            batch = null;
            for (Channel channel : channels) {
                room.acquireUninterruptibly();
                channel.writeAndFlush(full.retainedDuplicate()).addListener(written -> {
                    room.release();
                    if (!written.isSuccess()) {
                        written.cause().printStackTrace();
                        Runtime.getRuntime().halt(1);
                    }
                });
            }
            full.release();
        }

        @Override
        public void flush() {
            push();
            room.acquireUninterruptibly(BATCHES);
            room.release(BATCHES);
        }
    }
}
