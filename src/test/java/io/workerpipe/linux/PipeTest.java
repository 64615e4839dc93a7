package io.workerpipe.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(300)
class PipeTest {
    private static final long O_NONBLOCK = 04000;
    private static final long O_CLOEXEC = 02000000;
    private static final long CAP_SYS_RESOURCE = 1L << 24;

    private final CallState state = CallState.ofAuto();

    @Test
    void shouldWaitOnlyWhenReadingAndBeClosedInOtherPrograms() throws Exception {
        try (Pipe pipe = Pipe.create()) {
            assertThat(flags(pipe.readEnd()) & (O_NONBLOCK | O_CLOEXEC)).isEqualTo(O_CLOEXEC);
            assertThat(flags(pipe.writeEnd()) & (O_NONBLOCK | O_CLOEXEC)).isEqualTo(O_NONBLOCK | O_CLOEXEC);
        }
    }

    @Test
    void shouldSwitchWaitingOnAndOff() throws Exception {
        try (Pipe pipe = Pipe.create()) {
            pipe.readEnd().setNonBlocking(true);
            assertThat(pipe.readEnd().read(state, Arena.ofAuto().allocate(1), 0, 1)).isEqualTo(-Errno.EAGAIN);
            pipe.readEnd().setNonBlocking(false);
            assertThat(flags(pipe.readEnd()) & O_NONBLOCK).isZero();
        }
    }

    @Test
    void shouldBeKnownByItsInode() throws Exception {
        try (Pipe pipe = Pipe.create()) {
            for (Fd end : List.of(pipe.readEnd(), pipe.writeEnd())) {
                assertThat(Files.readSymbolicLink(Path.of("/proc/self/fd/" + end.number())))
                        .hasToString("pipe:[" + pipe.inode() + "]");
                assertThat(end.stat().isFifo()).isTrue();
                assertThat(end.stat().inode()).isEqualTo(pipe.inode());
            }
        }
    }

    @Test
    void shouldRoundItsSizeUpToAPowerOfTwoOfPages() throws Exception {
        try (Pipe pipe = Pipe.create()) {
            assertThat(pipe.resize(1)).isEqualTo(4096).isEqualTo(pipe.size());
            assertThat(pipe.resize(3 * 4096)).isEqualTo(4 * 4096).isEqualTo(pipe.size());
            assertThat(pipe.resize(256 * 1024)).isEqualTo(256 * 1024).isEqualTo(pipe.size());
        }
    }

    @Test
    void shouldRefuseASizeThatDoesNotHoldWhatIsInIt() throws Exception {
        try (Pipe pipe = Pipe.create()) {
            assertThat(pipe.resize(8 * 4096)).isEqualTo(8 * 4096);
            pipe.writeEnd().write(state, Arena.ofAuto().allocate(3 * 4096), 0, 3 * 4096);
            assertThat(pipe.resize(2 * 4096)).isEqualTo(-Errno.EBUSY);
            assertThat(pipe.size()).isEqualTo(8 * 4096);
        }
    }

    @Test
    void shouldRefuseASizeOverTheLimitWhenTheUserIsAnOrdinaryOne() throws Exception {
        long capabilities = Files.readAllLines(Path.of("/proc/self/status")).stream()
                .filter(line -> line.startsWith("CapEff:"))
                .mapToLong(line -> Long.parseUnsignedLong(line.substring(7).strip(), 16)).findAny().orElseThrow();
        assumeFalse((capabilities & CAP_SYS_RESOURCE) != 0, "this process has CAP_SYS_RESOURCE: nothing limits it");
        int limit;
        // In one read: the rest of such a file is not there for a second one, and Files.readString begins with a byte.
        try (InputStream in = Files.newInputStream(Path.of("/proc/sys/fs/pipe-max-size"))) {
            limit = Integer.parseInt(new String(in.readNBytes(32), StandardCharsets.US_ASCII).strip());
        }
        try (Pipe pipe = Pipe.create()) {
            assertThat(pipe.resize(2 * limit)).isEqualTo(-Errno.EPERM);
        }
    }

    @Test
    void shouldTellItsSizeAsLongAsOneEndIsOpen() throws Exception {
        Pipe pipe = Pipe.create();
        pipe.resize(4096);
        pipe.readEnd().close();
        assertThat(pipe.size()).isEqualTo(4096);
        pipe.close();
        assertThat(pipe.size()).isEqualTo(-Errno.EBADF);
        assertThat(pipe.resize(4096)).isEqualTo(-Errno.EBADF);
    }

    @Test
    void shouldCloseBothEndsOnce() throws Exception {
        Pipe pipe = Pipe.create();
        pipe.close();
        pipe.close();
        assertThat(pipe.readEnd().isOpen()).isFalse();
        assertThat(pipe.writeEnd().isOpen()).isFalse();
    }

    @Test
    void shouldLeaveNoDescriptorBehind() throws Exception {
        List<Long> inodes = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            try (Pipe pipe = Pipe.create()) {
                inodes.add(pipe.inode());
            }
        }
        try (var fds = Files.list(Path.of("/proc/self/fd"))) {
            assertThat(fds.map(PipeTest::target)).doesNotContainAnyElementsOf(
                    inodes.stream().map(inode -> "pipe:[" + inode + "]").toList());
        }
    }

    @Test
    void shouldRefuseADescriptorThatIsNoPipe() throws Exception {
        MemorySegment iovecs = IoVec.allocate(Arena.ofAuto(), 1);
        MemorySegment memory = Arena.ofAuto().allocate(8);
        IoVec.set(iovecs, 0, memory, 0, 8);
        try (Fd fd = Fd.open("/dev/null", Fd.O_RDONLY | Fd.O_CLOEXEC)) {
            assertThat(fd.vmsplice(state, iovecs, 1, 0)).isEqualTo(-Errno.EBADF);
        }
        assertThatThrownBy(() -> Fd.open("/", Fd.O_RDWR)).hasMessage("open(/): EISDIR (21): Is a directory");
    }

    private static long flags(Fd fd) throws IOException {
        return Files.readAllLines(Path.of("/proc/self/fdinfo/" + fd.number())).stream()
                .filter(line -> line.startsWith("flags:"))
                .mapToLong(line -> Long.parseLong(line.substring(6).strip(), 8))
                .findAny().orElseThrow();
    }

    private static String target(Path fd) {
        try {
            return Files.readSymbolicLink(fd).toString();
        } catch (IOException e) {
            return "closed meanwhile";
        }
    }
}
