package io.workerpipe.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(300)
class EpollTest {
    private final CallState state = CallState.ofAuto();
    private final MemorySegment memory = Arena.ofAuto().allocate(1 << 17);

    @Test
    void shouldTellWhoIsReadyForWhat() throws Exception {
        long first = 0x1122_3344_5566_7788L;
        long second = -2;
        try (Epoll epoll = Epoll.create(); Pipe one = Pipe.create(); Pipe other = Pipe.create()) {
            epoll.add(one.readEnd(), Epoll.IN, first);
            epoll.add(other.writeEnd(), Epoll.OUT, second);
            epoll.add(one.writeEnd(), 0, 3);
            assertThat(results(epoll, 0)).isEqualTo(Map.of(second, Epoll.OUT));
            one.writeEnd().write(state, memory, 0, 1);
            assertThat(results(epoll, -1)).isEqualTo(Map.of(first, Epoll.IN, second, Epoll.OUT));
        }
    }

    @Test
    void shouldTellAgainAsLongAsItHolds() throws Exception {
        try (Epoll epoll = Epoll.create(); Pipe pipe = Pipe.create()) {
            epoll.add(pipe.readEnd(), Epoll.IN, 1);
            assertThat(results(epoll, 0)).isEmpty();
            pipe.writeEnd().write(state, memory, 0, 1);
            assertThat(results(epoll, -1)).isEqualTo(Map.of(1L, Epoll.IN));
            assertThat(results(epoll, -1)).isEqualTo(Map.of(1L, Epoll.IN));
            pipe.readEnd().read(state, memory, 0, 1);
            assertThat(results(epoll, 0)).isEmpty();
        }
    }

    @Test
    void shouldTellThatAFullPipeHasRoomAgain() throws Exception {
        try (Epoll epoll = Epoll.create(); Pipe pipe = Pipe.create()) {
            pipe.writeEnd().write(state, memory, 0, memory.byteSize());
            epoll.add(pipe.writeEnd(), Epoll.OUT, 1);
            assertThat(results(epoll, 0)).isEmpty();
            pipe.readEnd().read(state, memory, 0, 4096);
            assertThat(results(epoll, -1)).isEqualTo(Map.of(1L, Epoll.OUT));
        }
    }

    @Test
    void shouldTellUnaskedThatTheReaderHasClosed() throws Exception {
        try (Epoll epoll = Epoll.create(); Pipe pipe = Pipe.create()) {
            epoll.add(pipe.writeEnd(), 0, 1);
            assertThat(results(epoll, 0)).isEmpty();
            pipe.readEnd().close();
            assertThat(results(epoll, -1)).isEqualTo(Map.of(1L, Epoll.ERR));
        }
    }

    @Test
    void shouldTellUnaskedThatTheWriterHasClosed() throws Exception {
        try (Epoll epoll = Epoll.create(); Pipe pipe = Pipe.create()) {
            epoll.add(pipe.readEnd(), 0, 1);
            pipe.writeEnd().close();
            assertThat(results(epoll, -1)).isEqualTo(Map.of(1L, Epoll.HUP));
        }
    }

    @Test
    void shouldWaitForSomethingElseWhenModified() throws Exception {
        try (Epoll epoll = Epoll.create(); Pipe pipe = Pipe.create()) {
            epoll.add(pipe.writeEnd(), Epoll.OUT, 1);
            assertThat(epoll.modify(pipe.writeEnd(), 0, 2)).isZero();
            assertThat(results(epoll, 0)).isEmpty();
            assertThat(epoll.modify(pipe.writeEnd(), Epoll.OUT, 3)).isZero();
            assertThat(results(epoll, 0)).isEqualTo(Map.of(3L, Epoll.OUT));
            assertThat(epoll.remove(pipe.writeEnd())).isZero();
            assertThat(results(epoll, 0)).isEmpty();
            assertThat(epoll.modify(pipe.writeEnd(), 0, 4)).isEqualTo(-Errno.ENOENT);
            assertThat(epoll.remove(pipe.writeEnd())).isEqualTo(-Errno.ENOENT);
        }
    }

    @Test
    void shouldRefuseADescriptorThatIsThereOrClosed() throws Exception {
        try (Epoll epoll = Epoll.create(); Pipe pipe = Pipe.create()) {
            Fd end = pipe.writeEnd();
            epoll.add(end, 0, 1);
            assertThatThrownBy(() -> epoll.add(end, 0, 1)).isInstanceOf(ErrnoException.class)
                    .hasMessage("epoll_ctl(ADD)(fd " + end.number() + "): EEXIST (17): File exists");
            end.close();
            assertThatThrownBy(() -> epoll.add(end, 0, 1)).hasMessageContaining("EBADF (9)");
            assertThat(epoll.modify(end, 0, 1)).isEqualTo(-Errno.EBADF);
        }
    }

    @Test
    void shouldDeliverInTurnsWhenMoreIsReadyThanFitsIntoOneResult() throws Exception {
        int count = 300;
        List<EventFd> bells = new ArrayList<>();
        try (Epoll epoll = Epoll.create()) {
            for (int i = 0; i < count; i++) {
                EventFd bell = EventFd.create();
                bells.add(bell);
                epoll.add(bell.fd(), Epoll.IN, i);
                bell.signal(state);
            }
            Set<Long> seen = new HashSet<>(results(epoll, -1).keySet());
            assertThat(seen).hasSizeLessThan(count);
            seen.addAll(results(epoll, -1).keySet());
            assertThat(seen).hasSize(count);
        } finally {
            bells.forEach(EventFd::close);
        }
    }

    @Test
    void shouldGiveEbadfWhenClosed() throws Exception {
        Epoll epoll = Epoll.create();
        epoll.close();
        epoll.close();
        assertThat(epoll.await(state, -1)).isEqualTo(-Errno.EBADF);
        try (Pipe pipe = Pipe.create()) {
            assertThatThrownBy(() -> epoll.add(pipe.writeEnd(), 0, 1)).hasMessageContaining("EBADF (9)");
        }
    }

    @Test
    void shouldRefuseAResultThatIsNotThere() throws Exception {
        try (Epoll epoll = Epoll.create(); Pipe pipe = Pipe.create()) {
            epoll.add(pipe.writeEnd(), Epoll.OUT, 1);
            assertThatThrownBy(() -> epoll.events(0)).isInstanceOf(IndexOutOfBoundsException.class);
            assertThat(epoll.await(state, 0)).isEqualTo(1);
            assertThatThrownBy(() -> epoll.data(1)).isInstanceOf(IndexOutOfBoundsException.class);
        }
    }

    private Map<Long, Integer> results(Epoll epoll, int timeoutMillis) {
        int count = epoll.await(state, timeoutMillis);
        assertThat(count).isNotNegative();
        Map<Long, Integer> results = new HashMap<>();
        for (int i = 0; i < count; i++) {
            results.put(epoll.data(i), epoll.events(i));
        }
        return results;
    }
}
