package io.workerpipe.linux;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(300)
class FdTest {
    private static final int READ = 0;
    private static final int FLOCK = 73;

    private final Arena arena = Arena.ofAuto();
    private final CallState state = CallState.allocate(arena);

    @Test
    void shouldReadWhatWasWrittenAtTheOffsetsGiven() throws Exception {
        MemorySegment text = arena.allocateFrom("..hello..");
        MemorySegment back = arena.allocate(16).fill((byte) '-');
        try (Pipe pipe = Pipe.create()) {
            assertThat(pipe.writeEnd().write(state, text, 2, 5)).isEqualTo(5);
            assertThat(pipe.readEnd().read(state, back, 3, 13)).isEqualTo(5);
        }
        assertThat(new String(back.toArray(JAVA_BYTE), StandardCharsets.UTF_8)).isEqualTo("---hello--------");
    }

    @Test
    void shouldGiveZeroWhenTheLastWriterHasClosed() throws Exception {
        try (Pipe pipe = Pipe.create()) {
            pipe.writeEnd().close();
            assertThat(pipe.readEnd().read(state, arena.allocate(8), 0, 8)).isZero();
        }
    }

    @Test
    void shouldGiveEagainWhenThePipeIsFull() throws Exception {
        MemorySegment memory = arena.allocate(1 << 20);
        try (Pipe pipe = Pipe.create()) {
            int size = pipe.size();
            assertThat(pipe.writeEnd().write(state, memory, 0, memory.byteSize())).isEqualTo(size);
            assertThat(pipe.writeEnd().write(state, memory, 0, 1)).isEqualTo(-Errno.EAGAIN);
            assertThat(pipe.readEnd().read(state, memory, 0, 4096)).isEqualTo(4096);
            assertThat(pipe.writeEnd().write(state, memory, 0, 1)).isEqualTo(1);
        }
    }

    @Test
    void shouldGiveEpipeWhenNobodyReads() throws Exception {
        MemorySegment memory = arena.allocate(1);
        try (Pipe pipe = Pipe.create()) {
            pipe.readEnd().close();
            assertThat(pipe.writeEnd().write(state, memory, 0, 1)).isEqualTo(-Errno.EPIPE);
        }
    }

    @Test
    void shouldGiveEbadfWhenTheKernelRefusesTheDirection() throws Exception {
        MemorySegment memory = arena.allocate(1);
        try (Pipe pipe = Pipe.create()) {
            assertThat(pipe.writeEnd().read(state, memory, 0, 1)).isEqualTo(-Errno.EBADF);
            assertThat(pipe.readEnd().write(state, memory, 0, 1)).isEqualTo(-Errno.EBADF);
        }
    }

    @Test
    void shouldGiveEbadfForEveryCallWhenClosed() throws Exception {
        MemorySegment memory = arena.allocate(16);
        Fd fd = Fd.open("/dev/zero", Fd.O_RDWR | Fd.O_CLOEXEC);
        assertThat(fd.isOpen()).isTrue();
        fd.close();
        assertThat(fd.isOpen()).isFalse();
        assertThat(fd.read(state, memory, 0, 1)).isEqualTo(-Errno.EBADF);
        assertThat(fd.write(state, memory, 0, 1)).isEqualTo(-Errno.EBADF);
        assertThat(fd.readv(state, memory, 1)).isEqualTo(-Errno.EBADF);
        assertThat(fd.writev(state, memory, 1)).isEqualTo(-Errno.EBADF);
        assertThat(fd.vmsplice(state, memory, 1, 0)).isEqualTo(-Errno.EBADF);
        assertThat(fd.poll(state, Fd.POLLIN, 0)).isEqualTo(-Errno.EBADF);
        assertThatThrownBy(fd::stat).isInstanceOf(ErrnoException.class)
                .hasMessage("fstat(fd " + fd.number() + " (closed)): EBADF (9): Bad file descriptor");
        assertThatThrownBy(fd::lockExclusive).hasMessageContaining("flock").hasMessageContaining("EBADF (9)");
        assertThatThrownBy(() -> fd.setNonBlocking(true)).hasMessageContaining("fcntl(F_GETFL)");
    }

    @Test
    void shouldNotUseTheNumberOfItsSuccessorWhenClosed() throws Exception {
        MemorySegment memory = arena.allocate(1);
        Fd first = Fd.open("/dev/zero", Fd.O_RDONLY | Fd.O_CLOEXEC);
        first.close();
        try (Fd second = Fd.open("/dev/zero", Fd.O_RDONLY | Fd.O_CLOEXEC)) {
            first.close();
            assertThat(second.read(state, memory, 0, 1)).isEqualTo(1);
            assertThat(first.read(state, memory, 0, 1)).isEqualTo(-Errno.EBADF);
        }
    }

    @Test
    void shouldCloseOnceWhenTwoThreadsRace() throws Exception {
        CyclicBarrier barrier = new CyclicBarrier(2);
        Fd[] shared = new Fd[1];
        try (ExecutorService threads = Executors.newFixedThreadPool(2)) {
            Runnable racer = () -> {
                try {
                    for (int round = 0; round < 2_000; round++) {
                        if (barrier.await() == 0) {
                            shared[0] = Fd.open("/dev/null", Fd.O_RDONLY | Fd.O_CLOEXEC);
                        }
                        barrier.await();
                        shared[0].close();
                        // It gets the number that was just closed: a second close would hit it.
                        try (Fd next = Fd.open("/dev/null", Fd.O_RDONLY | Fd.O_CLOEXEC)) {
                            barrier.await();
                            next.stat();
                        }
                        barrier.await();
                    }
                } catch (Exception e) {
                    barrier.reset();
                    throw new AssertionError(e);
                }
            };
            Future<?> one = threads.submit(racer);
            Future<?> other = threads.submit(racer);
            one.get();
            other.get();
        }
    }

    @Test
    void shouldKeepTheNumberUntilTheReadReturnsWhenClosedMeanwhile() throws Exception {
        try (Pipe pipe = Pipe.create()) {
            Fd readEnd = pipe.readEnd();
            CompletableFuture<Integer> task = new CompletableFuture<>();
            CompletableFuture<Integer> result = new CompletableFuture<>();
            Thread reader = Thread.ofPlatform().start(() -> {
                task.complete(Until.ownTask());
                result.complete(readEnd.read(CallState.ofAuto(), arena.allocate(8), 0, 8));
            });
            Until.sleepsIn(READ, task.get());
            readEnd.close();
            assertThat(readEnd.isOpen()).isFalse();
            assertThat(target(readEnd)).isEqualTo("pipe:[" + pipe.inode() + "]");
            assertThat(pipe.writeEnd().write(state, arena.allocate(3), 0, 3)).isEqualTo(3);
            reader.join();
            assertThat(result.get()).isEqualTo(3);
            assertThat(target(readEnd)).isNotEqualTo("pipe:[" + pipe.inode() + "]");
            assertThat(pipe.writeEnd().write(state, arena.allocate(3), 0, 3)).isEqualTo(-Errno.EPIPE);
        }
    }

    @Test
    void shouldWriteAndReadManyPlacesInOneCall() throws Exception {
        MemorySegment text = arena.allocateFrom("one two three");
        MemorySegment from = IoVec.allocate(arena, 3);
        IoVec.set(from, 0, text, 8, 5);
        IoVec.set(from, 1, text, 3, 1);
        IoVec.set(from, 2, text, 0, 3);
        MemorySegment back = arena.allocate(16).fill((byte) '-');
        MemorySegment to = IoVec.allocate(arena, 2);
        IoVec.set(to, 0, back, 10, 4);
        IoVec.set(to, 1, back, 0, 8);
        try (Pipe pipe = Pipe.create()) {
            assertThat(pipe.writeEnd().writev(state, from, 3)).isEqualTo(9);
            assertThat(pipe.readEnd().readv(state, to, 2)).isEqualTo(9);
        }
        assertThat(new String(back.toArray(JAVA_BYTE), StandardCharsets.UTF_8)).isEqualTo("e one-----thre--");
    }

    @Test
    void shouldSplicePagesIntoThePipe() throws Exception {
        MemorySegment pages = Memory.map(8 * 4096);
        try (Pipe pipe = Pipe.create()) {
            pipe.resize(4 * 4096);
            for (int page = 0; page < 8; page++) {
                pages.asSlice(page * 4096L, 4096).fill((byte) ('a' + page));
            }
            MemorySegment iovecs = IoVec.allocate(arena, 1);
            IoVec.set(iovecs, 0, pages, 0, pages.byteSize());
            assertThat(pipe.writeEnd().vmsplice(state, iovecs, 1, Fd.SPLICE_F_NONBLOCK)).isEqualTo(4 * 4096);
            assertThat(pipe.writeEnd().vmsplice(state, iovecs, 1, Fd.SPLICE_F_NONBLOCK)).isEqualTo(-Errno.EAGAIN);
            MemorySegment back = arena.allocate(4 * 4096);
            assertThat(pipe.readEnd().read(state, back, 0, back.byteSize())).isEqualTo(4 * 4096);
            assertThat(back.mismatch(pages.asSlice(0, 4 * 4096))).isEqualTo(-1);
        } finally {
            Memory.unmap(pages);
        }
    }

    @Test
    void shouldRefuseHeapSegments() throws Exception {
        MemorySegment heap = MemorySegment.ofArray(new byte[7]);
        try (Pipe pipe = Pipe.create()) {
            assertThatThrownBy(() -> pipe.writeEnd().write(state, heap, 0, 7))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("write needs native memory, this is a heap segment of 7 bytes");
            assertThatThrownBy(() -> pipe.readEnd().read(state, heap, 0, 7))
                    .isInstanceOf(IllegalArgumentException.class).hasMessageStartingWith("read needs native memory");
            assertThatThrownBy(() -> pipe.writeEnd().writev(state, heap, 0))
                    .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("Heap segment not allowed");
        }
        MemorySegment iovecs = IoVec.allocate(arena, 1);
        assertThatThrownBy(() -> IoVec.set(iovecs, 0, heap, 0, 7)).isInstanceOf(IllegalArgumentException.class)
                .hasMessage("an iovec needs native memory, this is a heap segment of 7 bytes");
    }

    @Test
    void shouldRefuseWhatLiesOutsideTheMemory() throws Exception {
        MemorySegment memory = arena.allocate(8);
        MemorySegment iovecs = IoVec.allocate(arena, 2);
        try (Pipe pipe = Pipe.create()) {
            assertThatThrownBy(() -> pipe.writeEnd().write(state, memory, 4, 5))
                    .isInstanceOf(IndexOutOfBoundsException.class);
            assertThatThrownBy(() -> pipe.readEnd().read(state, memory, -1, 5))
                    .isInstanceOf(IndexOutOfBoundsException.class);
            assertThatThrownBy(() -> pipe.writeEnd().writev(state, iovecs, 3))
                    .isInstanceOf(IndexOutOfBoundsException.class).hasMessageContaining("3 iovecs");
            assertThatThrownBy(() -> pipe.readEnd().readv(state, iovecs, -1))
                    .isInstanceOf(IndexOutOfBoundsException.class);
        }
        assertThatThrownBy(() -> IoVec.set(iovecs, 0, memory, 4, 5)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> IoVec.set(iovecs, 2, memory, 0, 8)).isInstanceOf(IndexOutOfBoundsException.class);
    }

    @Test
    void shouldRefuseMemoryThatIsClosed() throws Exception {
        MemorySegment gone;
        try (Arena confined = Arena.ofConfined()) {
            gone = confined.allocate(8);
        }
        try (Pipe pipe = Pipe.create()) {
            assertThatThrownBy(() -> pipe.writeEnd().write(state, gone, 0, 8))
                    .isInstanceOf(IllegalStateException.class);
            assertThat(pipe.writeEnd().write(state, arena.allocate(1), 0, 1)).isEqualTo(1);
        }
    }

    @Test
    void shouldWaitOnlyAsLongAsPollWasTold() throws Exception {
        try (Pipe pipe = Pipe.create()) {
            assertThat(pipe.readEnd().poll(state, Fd.POLLIN, 0)).isZero();
            assertThat(pipe.writeEnd().poll(state, Fd.POLLOUT, -1)).isEqualTo(Fd.POLLOUT);
            pipe.readEnd().close();
            assertThat(pipe.writeEnd().poll(state, 0, -1)).isEqualTo(Fd.POLLERR);
        }
    }

    @Test
    void shouldTellWhatIsOpen(@TempDir Path folder) throws Exception {
        Path path = folder.resolve("file");
        try (Fd fd = Fd.open(path.toString(), Fd.O_RDWR | Fd.O_CREAT | Fd.O_CLOEXEC, 0600)) {
            fd.write(state, arena.allocate(5), 0, 5);
            Files.createLink(folder.resolve("other"), path);
            FileStatus status = fd.stat();
            assertThat(status.inode()).isEqualTo(Files.getAttribute(path, "unix:ino"));
            assertThat(status.device()).isEqualTo(Files.getAttribute(path, "unix:dev"));
            assertThat(status.mode()).isEqualTo(Files.getAttribute(path, "unix:mode"));
            assertThat(status.uid()).isEqualTo(Files.getAttribute(path, "unix:uid"));
            assertThat(status.gid()).isEqualTo(Files.getAttribute(path, "unix:gid"));
            assertThat(status.links()).isEqualTo(2);
            assertThat(status.size()).isEqualTo(5);
            assertThat(status.permissions()).isEqualTo(0600);
            assertThat(status.isRegularFile()).isTrue();
            assertThat(status.isFifo()).isFalse();
        }
        try (Fd fd = Fd.open(folder.toString(), Fd.O_RDONLY | Fd.O_CLOEXEC)) {
            assertThat(fd.stat().isDirectory()).isTrue();
        }
    }

    @Test
    void shouldRefuseALinkWhenToldNotToFollow(@TempDir Path folder) throws Exception {
        Path link = Files.createSymbolicLink(folder.resolve("link"), folder.resolve("target"));
        int flags = Fd.O_RDONLY | Fd.O_CLOEXEC | Fd.O_NOFOLLOW;
        assertThatThrownBy(() -> Fd.open(link.toString(), flags)).isInstanceOf(ErrnoException.class)
                .hasMessage("open(" + link + "): ELOOP (40): Too many levels of symbolic links");
    }

    @Test
    void shouldOpenNamesThatAreNotAscii(@TempDir Path folder) throws Exception {
        String name = "pfad-\u00e4\u65e5\ud83d\ude80";
        try (Fd fd = Fd.open(folder + "/" + name, Fd.O_RDWR | Fd.O_CREAT | Fd.O_CLOEXEC, 0600)) {
            assertThat(target(fd)).isEqualTo(folder.resolve(name).toString());
        }
    }

    @Test
    void shouldTellTheErrnoWhenTryingToOpen() {
        assertThat(Fd.tryOpen(state, "/no/such", Fd.O_RDONLY)).isEqualTo(-Errno.ENOENT);
        assertThat(Fd.tryOpen(state, "/dev/null/x", Fd.O_RDONLY)).isEqualTo(-Errno.ENOTDIR);
        try (Fd fd = Fd.adopt(Fd.tryOpen(state, "/dev/null", Fd.O_RDONLY | Fd.O_CLOEXEC))) {
            assertThat(fd.read(state, arena.allocate(1), 0, 1)).isZero();
        }
    }

    @Test
    void shouldRefuseWhatCannotBeADescriptorOrAPath() {
        assertThatThrownBy(() -> Fd.adopt(-Errno.ENOENT)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Fd.open("/dev/null\0x", Fd.O_RDONLY)).isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("NUL");
    }

    @Test
    void shouldOpenTheOtherEndOfALivePipeThroughProc() throws Exception {
        try (Pipe pipe = Pipe.create();
                Fd outside = Fd.open("/proc/self/fd/" + pipe.readEnd().number(),
                        Fd.O_WRONLY | Fd.O_NONBLOCK | Fd.O_CLOEXEC | Fd.O_NOCTTY)) {
            assertThat(outside.stat().isFifo()).isTrue();
            assertThat(outside.stat().inode()).isEqualTo(pipe.inode());
            assertThat(outside.write(state, arena.allocate(4), 0, 4)).isEqualTo(4);
            assertThat(pipe.readEnd().read(state, arena.allocate(8), 0, 8)).isEqualTo(4);
        }
    }

    @Test
    void shouldLockOutAnotherWhenLockedExclusively(@TempDir Path folder) throws Exception {
        String path = folder.resolve("lock").toString();
        int flags = Fd.O_RDWR | Fd.O_CREAT | Fd.O_CLOEXEC;
        try (Fd second = Fd.open(path, flags, 0600)) {
            CompletableFuture<Integer> task = new CompletableFuture<>();
            CompletableFuture<Boolean> firstWasOpen = new CompletableFuture<>();
            Thread waiter;
            try (Fd first = Fd.open(path, flags, 0600)) {
                first.lockExclusive();
                waiter = Thread.ofPlatform().start(() -> {
                    task.complete(Until.ownTask());
                    try {
                        second.lockExclusive();
                        firstWasOpen.complete(first.isOpen());
                    } catch (ErrnoException e) {
                        firstWasOpen.completeExceptionally(e);
                    }
                });
                Until.sleepsIn(FLOCK, task.get());
                assertThat(firstWasOpen).isNotDone();
            }
            waiter.join();
            assertThat(firstWasOpen.get()).isFalse();
        }
    }

    private static String target(Fd fd) throws IOException {
        try {
            return Files.readSymbolicLink(Path.of("/proc/self/fd", Integer.toString(fd.number()))).toString();
        } catch (NoSuchFileException e) {
            return "none";
        }
    }
}
