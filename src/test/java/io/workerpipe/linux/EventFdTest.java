package io.workerpipe.linux;

import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(300)
class EventFdTest {
    private final CallState state = CallState.ofAuto();

    @Test
    void shouldAddSignalsUpUntilTheyAreDrained() throws Exception {
        try (EventFd bell = EventFd.create()) {
            assertThat(bell.drain(state)).isZero();
            assertThat(bell.fd().poll(state, Fd.POLLIN, 0)).isZero();
            for (int i = 0; i < 3; i++) {
                assertThat(bell.signal(state)).isZero();
            }
            assertThat(bell.fd().poll(state, Fd.POLLIN, -1)).isEqualTo(Fd.POLLIN);
            assertThat(bell.drain(state)).isEqualTo(3);
            assertThat(bell.fd().poll(state, Fd.POLLIN, 0)).isZero();
        }
    }

    @Test
    void shouldWakeAThreadThatWaits() throws Exception {
        try (EventFd bell = EventFd.create(); Epoll epoll = Epoll.create()) {
            epoll.add(bell.fd(), Epoll.IN, 7);
            Thread ringer = Thread.ofPlatform().start(() -> bell.signal(CallState.ofAuto()));
            assertThat(epoll.await(state, -1)).isEqualTo(1);
            assertThat(epoll.data(0)).isEqualTo(7);
            ringer.join();
        }
    }

    @Test
    void shouldRingOnWhenItHoldsAsManySignalsAsItCan() throws Exception {
        MemorySegment most = Arena.ofAuto().allocateFrom(JAVA_LONG, 0xffff_ffff_ffff_fffeL);
        try (EventFd bell = EventFd.create()) {
            assertThat(bell.fd().write(state, most, 0, 8)).isEqualTo(8);
            assertThat(bell.signal(state)).isZero();
            assertThat(bell.fd().poll(state, Fd.POLLIN, 0)).isEqualTo(Fd.POLLIN);
        }
    }

    @Test
    void shouldGiveEbadfWhenClosed() throws Exception {
        EventFd bell = EventFd.create();
        bell.close();
        bell.close();
        assertThat(bell.signal(state)).isEqualTo(-Errno.EBADF);
        assertThat(bell.drain(state)).isEqualTo(-Errno.EBADF);
    }
}
